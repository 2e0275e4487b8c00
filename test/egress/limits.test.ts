import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { brotliCompressSync, createGzip, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { TabExit } from '../../src/egress/exit.ts';
import { ask, authorization, latch, listen, openExit, siteAt, startOrigin } from './support.ts';

const site = 'https://www.example.com';

describe('the limits of a render', () => {
  it('cuts the answer that goes over its bytes, and refuses what comes after', async () => {
    const origin = await startOrigin((_request, response) => {
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(10_000)));
      };
      response.on('drain', more);
      more();
    });
    const { exit, begin } = await openExit(siteAt(origin.url));
    const traffic = begin({ maxBytes: 1_000_000 });
    await expect(ask(exit, `${site}/endless`)).rejects.toThrow();
    await expect(ask(exit, `${site}/next`)).rejects.toThrow();
    const inputs = traffic.end();
    expect(inputs.map(({ verdict }) => verdict)).toEqual(['failed', 'refused']);
    expect(inputs[0]?.bytes).toBeLessThan(1_200_000);
    expect(origin.seen).toHaveLength(1);
  });

  it('counts bytes as they unfold: a small body of a thousand megabytes is cut', async () => {
    const stopped = latch();
    const origin = await startOrigin((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.on('close', stopped.open);
      const gzip = createGzip();
      gzip.pipe(response);
      const zeros = Buffer.alloc(1_000_000);
      let left = 1_000;
      const more = () => {
        while (left > 0 && !response.destroyed) {
          left -= 1;
          if (!gzip.write(zeros)) return;
        }
        gzip.end();
      };
      gzip.on('drain', more);
      more();
    });
    const { exit, begin } = await openExit(siteAt(origin.url));
    const traffic = begin({ maxBytes: 5_000_000 });
    await expect(ask(exit, `${site}/bomb`)).rejects.toThrow();
    await stopped.opened;
    expect(traffic.end()[0]?.bytes).toBeLessThan(6_000_000);
  });

  it.each([
    ['gzip', gzipSync(Buffer.alloc(30_000_000))],
    ['br', brotliCompressSync(Buffer.alloc(30_000_000))],
  ])('cuts a %s bomb that came in one small piece', async (coding, bomb) => {
    expect(bomb.byteLength).toBeLessThan(64_000);
    const origin = await startOrigin((_request, response) =>
      response.writeHead(200, { 'content-encoding': coding, 'content-length': bomb.byteLength }).end(bomb),
    );
    const { exit, begin } = await openExit(siteAt(origin.url));
    const traffic = begin({ maxBytes: 2_000_000 });
    await expect(ask(exit, `${site}/bomb`)).rejects.toThrow();
    expect(traffic.end()).toMatchObject([{ verdict: 'failed' }]);
  });

  it('does not take codings that it did not ask for, nor one inside another', async () => {
    const origin = await startOrigin((request, response) => {
      const nested = gzipSync(gzipSync('hello'));
      response.setHeader('content-encoding', request.url === '/nested' ? 'gzip, gzip' : 'strange');
      response.end(nested);
    });
    const { exit, begin } = await openExit(siteAt(origin.url));
    begin();
    await expect(ask(exit, `${site}/nested`)).rejects.toThrow();
    await expect(ask(exit, `${site}/strange`)).rejects.toThrow();
  });

  it('refuses requests over their number', async () => {
    const origin = await startOrigin((_request, response) => response.end());
    const { exit, begin } = await openExit(siteAt(origin.url));
    const traffic = begin({ maxRequests: 2 });
    await ask(exit, `${site}/1`);
    await ask(exit, `${site}/2`);
    await expect(ask(exit, `${site}/3`)).rejects.toThrow();
    expect(origin.seen).toHaveLength(2);
    expect(traffic.end().map(({ verdict }) => verdict)).toEqual(['allowed', 'allowed', 'refused']);
  });

  it('refuses an upload that no page sends', async () => {
    const origin = await startOrigin((request, response) => void request.resume().on('end', () => response.end()));
    const { exit, begin } = await openExit(siteAt(origin.url));
    begin();
    const body = Buffer.alloc(9 * 1024 * 1024);
    await expect(ask(exit, `${site}/upload`, { method: 'POST', body })).rejects.toThrow();
    expect(origin.seen).toEqual([]);
  });
});

describe('a difficult upstream', () => {
  it('that never answers is given up', async () => {
    const port = await listen(createServer(() => {}));
    const { exit, begin } = await openExit(siteAt(new URL(`http://127.0.0.1:${port}`)), {
      timeouts: { connectMs: 200, headersMs: 200, idleMs: 200 },
    });
    const traffic = begin();
    await expect(ask(exit, `${site}/`)).rejects.toThrow();
    expect(traffic.end()).toMatchObject([{ status: 0, verdict: 'failed' }]);
  });

  it('that stops in mid-body is seen as an answer that is not whole', async () => {
    const origin = await startOrigin((_request, response) => {
      response.writeHead(200, { 'content-length': '100000' });
      response.write('x'.repeat(70_000), () => response.destroy());
    });
    const { exit, begin } = await openExit(siteAt(origin.url));
    const traffic = begin();
    await expect(ask(exit, `${site}/`)).rejects.toThrow();
    expect(traffic.end()).toMatchObject([{ verdict: 'failed' }]);
  });

  it('is stopped when the browser loses interest', async () => {
    const stopped = latch();
    const asked = latch();
    const origin = await startOrigin((_request, response) => {
      response.write('begun');
      response.on('close', stopped.open);
      asked.open();
    });
    const { exit, begin } = await openExit(siteAt(origin.url));
    const traffic = begin();
    const socket = askRaw(exit, 'http://www.example.com/');
    await asked.opened;
    socket.destroy();
    await stopped.opened;
    expect(traffic.inFlight).toBe(0);
  });

  it('is not read faster than the browser reads, while others are served', async () => {
    let written = 0;
    const begun = latch();
    const origin = await startOrigin((request, response) => {
      if (request.url !== '/huge') return void response.end('small');
      const piece = Buffer.alloc(100_000);
      const more = () => {
        while (written < 100_000_000) {
          written += piece.byteLength;
          if (!response.write(piece)) return begun.open();
        }
      };
      response.on('drain', more);
      more();
    });
    const { exit, begin } = await openExit(siteAt(origin.url));
    begin({ maxBytes: 200_000_000 });
    const slow = askRaw(exit, 'http://www.example.com/huge').pause();
    await begun.opened;
    for (let turn = 0; turn < 50; turn++) expect((await ask(exit, `${site}/small`)).body).toBe('small');
    slow.destroy();
    expect(written).toBeLessThan(50_000_000);
  });
});

/** Sends a request and leaves its connection to the test. */
function askRaw(exit: TabExit, url: string): Socket {
  const { hostname, port } = new URL(exit.proxyServer);
  const socket = connect(Number(port), hostname);
  const { host } = new URL(url);
  socket.write(
    `GET ${url} HTTP/1.1\r\nHost: ${host}\r\nProxy-Authorization: ${authorization(exit.credentials)}\r\n\r\n`,
  );
  return socket;
}
