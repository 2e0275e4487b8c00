import type { RequestListener } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createEgress } from '../../src/egress/egress.ts';
import {
  type Answer,
  ask,
  egressSettings,
  generous,
  type Origin,
  openExit,
  siteAt,
  startOrigin,
  stoppedClock,
} from './support.ts';

const block = ['analytics', 'ads', 'fonts', 'media', 'images'] as const;
const page = 'https://www.example.com';

const png = (width: number, height: number): Buffer => {
  const head = Buffer.from('89504e470d0a1a0a0000000d49484452000000000000000008060000000000000049454e44', 'hex');
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  return head;
};

/** Behind what a camera writes about itself. */
const jpeg = (width: number, height: number, aboutBytes: number): Buffer => {
  const about = Buffer.alloc(aboutBytes + 4);
  about.writeUInt16BE(0xffec, 0);
  about.writeUInt16BE(aboutBytes + 2, 2);
  const frame = Buffer.from('ffc0001108000000000301220002110103110100', 'hex');
  frame.writeUInt16BE(height, 5);
  frame.writeUInt16BE(width, 7);
  return Buffer.concat([Buffer.from('ffd8', 'hex'), about, frame, Buffer.alloc(200_000)]);
};

const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="33" height="44"><path d="M0 0h9"/></svg>');

/** Answers with that body, or the part of it that was asked for. */
function answering(body: Buffer, type: string): RequestListener {
  return ({ headers }, response) => {
    const end = Number(/^bytes=0-(\d+)$/.exec(String(headers.range))?.[1]);
    response.writeHead(206, { 'content-type': type }).end(body.subarray(0, end + 1));
  };
}

async function exitTo(origin: Origin) {
  const opened = await openExit(siteAt(origin.url), { block });
  opened.begin();
  return opened.exit;
}

const askFor = (exit: Parameters<typeof ask>[0], destination: string, path: string) =>
  ask(exit, `${page}${path}`, { headers: { 'sec-fetch-dest': destination, 'accept-encoding': 'gzip, br' } });

/** Of the GIF that stands in. */
const sizeOf = ({ bytes }: Answer) => [bytes.readUInt16LE(6), bytes.readUInt16LE(8)];

describe('a picture of the application that is left out', () => {
  it.each([
    ['PNG', png(640, 480), 'image/png', [640, 480]],
    ['JPEG with much before its size', jpeg(300, 200, 20_000), 'image/jpeg', [300, 200]],
    ['SVG', svg, 'image/svg+xml', [33, 44]],
    ['a picture that is called text', png(20, 30), 'text/html', [20, 30]],
    ['a JPEG with more before its size than is asked for', jpeg(300, 200, 60_000), 'binary/octet-stream', [1, 1]],
    ['one larger than a GIF can be', png(100_000, 3), 'image/png', [65_535, 3]],
    ['one that does not tell its size', Buffer.from('what is this?'), 'image/x-new', [1, 1]],
  ])('has its true size: %s', async (_what, body, type, size) => {
    const origin = await startOrigin(answering(body, type));
    const answer = await askFor(await exitTo(origin), 'image', '/photo');
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'image/gif']);
    expect(sizeOf(answer)).toEqual(size);
    expect(origin.seen).toMatchObject([{ headers: { range: 'bytes=0-32767', 'accept-encoding': 'identity' } }]);
  });

  it('is read to its size and no further where the application sends the whole', async () => {
    let wasCut = false;
    const origin = await startOrigin((_request, response) => {
      response.on('close', () => {
        wasCut = !response.writableFinished;
      });
      response.writeHead(200, { 'content-type': 'image/png' }).write(png(7, 8));
      response.end(Buffer.alloc(30_000_000));
    });
    expect(sizeOf(await askFor(await exitTo(origin), 'image', '/huge.png'))).toEqual([7, 8]);
    while (!wasCut) await new Promise(setImmediate);
  });

  it.each([
    ['PNG', png(640, 480), 'image/png', [640, 480]],
    ['SVG', svg, 'image/svg+xml', [33, 44]],
  ])('has its true size however its bytes come: %s', async (_what, body, type, size) => {
    const origin = await startOrigin((request, response) => {
      const cut = Number(request.url?.slice(1));
      response.writeHead(200, { 'content-type': type, 'content-length': body.length });
      response.write(body.subarray(0, cut), () => setImmediate(() => response.end(body.subarray(cut))));
    });
    const exit = await exitTo(origin);
    for (let cut = 1; cut < body.length; cut += 1) expect(sizeOf(await askFor(exit, 'image', `/${cut}`))).toEqual(size);
  });

  it('is a picture whatever the status it comes with', async () => {
    const origin = await startOrigin((_request, response) => {
      response.writeHead(404, { 'content-type': 'image/png' }).end(png(5, 6));
    });
    const answer = await askFor(await exitTo(origin), 'image', '/gone.png');
    expect([answer.status, sizeOf(answer)]).toEqual([200, [5, 6]]);
  });

  it.each([
    ['nothing', 200, 'image/png', '', 404],
    ['nothing, with an error', 403, 'image/png', '', 403],
    ['the application’s shell', 200, 'text/html', '<!doctype html><div id="app"></div>', 404],
    [
      'a shell with a picture in it',
      200,
      'text/html; charset=utf-8',
      '<!doctype html><svg width="9" height="9"></svg>',
      404,
    ],
    ['a long shell', 200, 'TEXT/HTML', '<!doctype html>'.padEnd(300_000), 404],
    ['text that is no picture', 200, 'text/plain', 'none', 404],
    ['text without end that is none', 200, 'text/plain', 'none'.padEnd(300_000), 404],
  ])('is missing where there is %s', async (_what, status, type, body, told) => {
    const origin = await startOrigin((_request, response) => {
      response.writeHead(status, { 'content-type': type }).end(body);
    });
    expect((await askFor(await exitTo(origin), 'image', '/photo.jpg')).status).toBe(told);
  });

  it('with a query, and no name of a file, is nobody’s business: it may count who asks', async () => {
    const origin = await startOrigin((_request, response) => void response.writeHead(404).end());
    const exit = await exitTo(origin);
    for (const path of ['/matomo.php?rec=1', '/px?ts=1', '/open.gif?id=7'])
      expect((await askFor(exit, 'image', path)).status).toBe(200);
    expect(origin.seen).toEqual([]);
    expect((await askFor(exit, 'image', '/photo.jpg?v=3')).status).toBe(404);
  });

  it('that comes too late holds up nothing, and is known the next time', async () => {
    const late: (() => void)[] = [];
    const origin = await startOrigin((request, response) => {
      late.push(() => answering(png(9, 9), 'image/png')(request, response));
    });
    const exit = await exitTo(origin);
    const first = await askFor(exit, 'image', '/slow.png');
    expect([sizeOf(first), first.headers['cache-control']]).toEqual([[1, 1], 'no-store']);
    exit.begin({ site: siteAt(origin.url), ...generous });
    const again = askFor(exit, 'image', '/slow.png');
    late[0]?.();
    expect(sizeOf(await again)).toEqual([9, 9]);
    expect(origin.seen).toHaveLength(1);
  });
});

/** SVG has no size of its own where its lengths are relative (CSS Images 3 §5.2). */
it.each([
  ['width="33" height="44px"', [33, 44]],
  ["viewBox='0 0 24 24'", [150, 150]],
  ['viewBox="0,0,24,48" width="100%" height="100%"', [75, 150]],
  ['viewBox="0 0 40 10"', [300, 75]],
  ['viewBox="0 0 40 10" width="80"', [80, 20]],
  ['viewBox="0 0 40 10" height="80"', [320, 80]],
  ['viewBox="0 0 0 0"', [300, 150]],
  ['width="1e9" data-width="5"', [300, 150]],
])('an SVG with %s has the size that a browser gives it', async (attributes, size) => {
  const file = Buffer.from(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" ${attributes}></svg>`);
  const origin = await startOrigin(answering(file, 'image/svg+xml'));
  expect(sizeOf(await askFor(await exitTo(origin), 'image', '/icon.svg'))).toEqual(size);
});

describe('a file of the application that is left out', () => {
  it.each(['image', 'video', 'audio', 'track', 'font'])('and is missing, is missing for the page: %s', async (kind) => {
    const origin = await startOrigin((_request, response) => void response.writeHead(410).end('gone'));
    const { exit, begin } = await openExit(siteAt(origin.url), { block });
    const traffic = begin();
    const { status, headers, body } = await askFor(exit, kind, '/file');
    expect([status, headers['cache-control'], body]).toEqual([410, 'no-store', '']);
    expect(traffic.end()).toMatchObject([{ status: 410, verdict: 'blocked' }]);
  });

  it.each([500, 503, 429])('and cannot be had just now, is taken to be there: %i', async (status) => {
    const origin = await startOrigin((_request, response) => void response.writeHead(status).end('later'));
    const answer = await askFor(await exitTo(origin), 'font', '/f.woff2');
    expect([answer.status, answer.headers['cache-control']]).toEqual([200, 'no-store']);
  });

  it.each(['video', 'font', 'track'])('and has the application’s shell in its place, is missing: %s', async (kind) => {
    const origin = await startOrigin((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>');
    });
    expect((await askFor(await exitTo(origin), kind, '/file')).status).toBe(404);
  });

  it('and has moved, is followed by the browser', async () => {
    const origin = await startOrigin((_request, response) => {
      response.writeHead(302, { location: 'https://cdn.example.net/clip.mp4', 'content-type': 'image/png' }).end();
    });
    const { status, headers } = await askFor(await exitTo(origin), 'image', '/clip.png');
    expect([status, headers.location]).toEqual([302, 'https://cdn.example.net/clip.mp4']);
  });

  it('and is there, is stood in for, without more than a byte of it', async () => {
    const origin = await startOrigin(answering(Buffer.alloc(9_000), 'font/woff2'));
    const { status, headers } = await askFor(await exitTo(origin), 'font', '/text.woff2');
    expect([status, headers['content-type']]).toEqual([200, 'font/ttf']);
    expect(origin.seen).toMatchObject([{ headers: { range: 'bytes=0-0' } }]);
  });

  it('is asked for once, until all assets are forgotten; a missing one again after a minute', async () => {
    const clock = stoppedClock();
    let status = 404;
    const origin = await startOrigin((_request, response) => {
      response.writeHead(status, { 'content-type': 'text/plain' }).end();
    });
    const egress = await createEgress(egressSettings({ block, clock }));
    await using _closed = { [Symbol.asyncDispose]: () => egress.close() };
    const exit = await egress.openTab();
    exit.begin({ site: siteAt(origin.url), ...generous });
    const statusOf = async () => (await askFor(exit, 'font', '/f.woff2')).status;

    expect([await statusOf(), await statusOf()]).toEqual([404, 404]);
    expect(origin.seen).toHaveLength(1);
    status = 200;
    clock.advance(60_000);
    expect([await statusOf(), await statusOf()]).toEqual([200, 200]);
    expect(origin.seen).toHaveLength(2);
    clock.advance(3_000_000);
    expect(await statusOf()).toBe(200);
    expect(origin.seen).toHaveLength(2);
    status = 410;
    egress.forgetAssets();
    expect(await statusOf()).toBe(410);
  });

  it('that was asked for before all assets were forgotten is not remembered', async () => {
    const answers: ((status: number) => void)[] = [];
    const origin = await startOrigin((_request, response) => {
      answers.push((status) => void response.writeHead(status).end());
    });
    const egress = await createEgress(egressSettings({ block }));
    await using _closed = { [Symbol.asyncDispose]: () => egress.close() };
    const exit = await egress.openTab();
    exit.begin({ site: siteAt(origin.url), ...generous });
    const statusOf = async () => (await askFor(exit, 'font', '/f.woff2')).status;
    const asked = async (count: number) => {
      while (answers.length < count) await new Promise(setImmediate);
    };
    const before = statusOf();
    await asked(1);
    egress.forgetAssets();
    const after = statusOf();
    await asked(2);
    answers[0]?.(200);
    expect(await before).toBe(200);
    answers[1]?.(404);
    expect([await after, await statusOf()]).toEqual([404, 404]);
    expect(origin.seen).toHaveLength(2);
  });

  it('is asked for by each render with a user agent of its own, and not told to others', async () => {
    const origin = await startOrigin((_request, response) => void response.writeHead(404).end());
    const { exit, begin } = await openExit(siteAt(origin.url), { block });
    for (const sharesAssets of [false, false, true, true]) {
      const traffic = begin({ sharesAssets });
      expect((await askFor(exit, 'font', '/f.woff2')).status).toBe(404);
      traffic.end();
    }
    expect(origin.seen).toHaveLength(3);
  });

  it('is asked for as a picture and as another file by itself', async () => {
    const origin = await startOrigin(answering(png(640, 480), 'image/png'));
    const exit = await exitTo(origin);
    expect((await askFor(exit, 'video', '/a.png')).status).toBe(200);
    expect(sizeOf(await askFor(exit, 'image', '/a.png'))).toEqual([640, 480]);
  });

  it('and turns away who comes without cookies, is taken to be there by a page that has some', async () => {
    const origin = await startOrigin((request, response) => {
      if (request.url === '/moved.png') response.writeHead(302, { location: '/login' }).end();
      else response.writeHead(403).end();
    });
    const exit = await exitTo(origin);
    const statusOf = async (path: string, headers = {}) =>
      (await ask(exit, `${page}${path}`, { headers: { 'sec-fetch-dest': 'image', ...headers } })).status;
    expect([await statusOf('/a.png'), await statusOf('/moved.png')]).toEqual([403, 302]);
    expect([await statusOf('/a.png', { cookie: 'a=1' }), await statusOf('/moved.png', { cookie: 'a=1' })]).toEqual([
      200, 200,
    ]);
    expect(origin.seen.filter(({ headers }) => headers.cookie !== undefined)).toEqual([]);
  });

  it('is asked for once more when the connection was lost that had been kept', async () => {
    const origin = await startOrigin((request, response) => {
      if (request.url === '/lost.png' && origin.seen.length === 2) request.socket.destroy();
      else answering(png(3, 4), 'image/png')(request, response);
    });
    const exit = await exitTo(origin);
    await askFor(exit, 'image', '/first.png');
    expect(sizeOf(await askFor(exit, 'image', '/lost.png'))).toEqual([3, 4]);
  });

  it('is nobody’s business but the application’s: others are not asked', async () => {
    const other = await startOrigin((_request, response) => void response.writeHead(404).end());
    const { exit, begin } = await openExit(siteAt(new URL('http://127.0.0.1:1')), {
      block,
      privateNetworks: ['127.0.0.0/8'],
    });
    begin();
    const { status } = await ask(exit, `http://cdn.example.net:${other.port}/a.png`, {
      headers: { accept: 'image/avif,*/*' },
    });
    expect(status).toBe(200);
    expect(other.seen).toEqual([]);
  });
});
