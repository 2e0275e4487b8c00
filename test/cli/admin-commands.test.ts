import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.ts';
import { commands } from '../../src/cli/commands.ts';
import { createFakeTerminal } from './fake-terminal.ts';

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

interface Asked {
  readonly line: string;
  readonly body: unknown;
  readonly authorization: string | undefined;
}

type Answer = (asked: Asked) => readonly [status: number, body: object];

/** A listener that answers as the test says, and runs command lines against it. */
async function adminWith(answer: Answer) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const body = request.method === 'POST' ? await json(request).catch(() => undefined) : undefined;
    const one = { line: `${request.method} ${request.url}`, body, authorization: request.headers.authorization };
    asked.push(one);
    const [status, sent] = answer(one);
    response.writeHead(status).end(JSON.stringify(sent));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(() => server.close().closeAllConnections());
  const port = String((server.address() as AddressInfo).port);
  async function run(...line: string[]) {
    const terminal = createFakeTerminal();
    const parsed = parseArguments([...line, '--admin-port', port], commands);
    if (parsed.kind !== 'run') throw new Error('help');
    const environment = { PREFACE_ADMIN_TOKEN: 'sixteen-letters!' };
    const code = await parsed.command.run({ ...parsed, terminal: { ...terminal, environment } });
    return { code, out: terminal.out(), err: terminal.err() };
  }
  return { asked, run };
}

describe('preface purge', () => {
  it('asks a running proxy, with its token, and prints how many pages it was', async () => {
    const { asked, run } = await adminWith(() => [200, { purged: 3, mode: 'soft' }]);
    const line = ['--url', '/a', '--tag', 'home', '--tag=product-7', '--prefix', '/blog/', '--url', '/b'];
    expect(await run('purge', ...line)).toEqual({ code: 0, out: '3 pages marked as stale\n', err: '' });
    expect(asked).toEqual([
      {
        line: 'POST /api/purge',
        authorization: 'Bearer sixteen-letters!',
        body: {
          urls: ['/a', '/b'],
          prefixes: ['/blog/'],
          tags: ['home', 'product-7'],
          everything: false,
          mode: 'soft',
        },
      },
    ]);
  });

  it('forgets everything when it is told to', async () => {
    const { asked, run } = await adminWith(() => [200, { purged: 1, mode: 'hard' }]);
    expect(await run('purge', '--everything', '--hard')).toMatchObject({ code: 0, out: '1 page forgotten\n' });
    expect(asked[0]?.body).toMatchObject({ urls: [], everything: true, mode: 'hard' });
  });

  it('says what is on none of the sites, and does not count that as good', async () => {
    const { run } = await adminWith(() => [200, { purged: 0, mode: 'soft', unknown: ['https://evil.example/'] }]);
    expect(await run('purge', '--url', 'https://evil.example/')).toEqual({
      code: 1,
      out: '0 pages marked as stale\n',
      err: 'preface: https://evil.example/ is on none of the sites\n',
    });
  });

  it('wants to know which pages', async () => {
    const { asked, run } = await adminWith(() => [200, {}]);
    await expect(run('purge', '--hard')).rejects.toThrow('say which pages: --url, --prefix, --tag or --everything');
    expect(asked).toEqual([]);
  });

  it.each([
    [401, { error: 'no' }, /wants another token: admin\.token \(PREFACE_ADMIN_TOKEN\)/],
    [400, { error: 'Name at least one' }, /^Name at least one$/],
    [502, {}, /\/api\/purge answered 502$/],
  ])('says what is wrong when the answer is %i', async (status, body, message) => {
    const { run } = await adminWith(() => [status, body]);
    await expect(run('purge', '--everything')).rejects.toThrow(message);
  });

  it('says when nothing answers', async () => {
    const { run } = await adminWith(() => [200, {}]);
    for (const close of open.splice(0)) close();
    await expect(run('purge', '--everything')).rejects.toThrow(
      /nothing answers at http:\/\/127\.0\.0\.1:\d+: .*Is Preface running/,
    );
  });
});

const job = '6b1f8f5e-6c0e-4d2c-9d43-0c6d6f0a5a11';
const progress = (rest: object) => ({
  id: job,
  state: 'running',
  listed: true,
  found: 10,
  rendered: 0,
  fresh: 0,
  foreign: 0,
  excluded: 0,
  disallowed: 0,
  failed: 0,
  failures: [],
  unread: [],
  elapsedMs: 5000,
  perSecond: 2,
  ...rest,
});

/** A job that is asked for as often as it has states. */
function jobWith(...states: object[]): Answer {
  return ({ line }) => {
    if (line === 'POST /api/warm') return [202, { job }];
    return line === `GET /api/jobs/${job}` ? [200, progress(states.shift() ?? {})] : [404, { error: line }];
  };
}

describe('preface warm', () => {
  it('watches its job to the end and says how it went', async () => {
    const { asked, run } = await adminWith(jobWith({ rendered: 4 }, { state: 'done', rendered: 8, fresh: 2 }));
    expect(await run('warm', '--sitemap', '/sitemap.xml')).toEqual({
      code: 0,
      out: '10 pages: 8 rendered, 2 fresh already, in 5 s\n',
      err: '40 %: 4 of 10 pages, 2 renders a second, 8 s left\n',
    });
    expect(asked[0]).toMatchObject({ line: 'POST /api/warm', body: { sitemap: '/sitemap.xml' } });
  });

  it('takes URLs, and without any the configured sitemap', async () => {
    const { asked, run } = await adminWith(jobWith({ state: 'done' }, { state: 'done' }));
    await run('warm', '/', 'https://shop.example/b');
    await run('warm');
    expect(asked.filter(({ body }) => body !== undefined).map(({ body }) => body)).toEqual([
      { urls: ['/', 'https://shop.example/b'] },
      {},
    ]);
    await expect(run('warm', '/', '--sitemap', '/s.xml')).rejects.toThrow('give URLs or --sitemap URL, not both');
  });

  it('ends with 1 and the reasons when pages failed or a list could not be read', async () => {
    const { run } = await adminWith(
      jobWith(
        { state: 'done', rendered: 9, failed: 1, failures: [{ url: 'https://shop.example/x', because: 'timeout' }] },
        { state: 'done', found: 0, unread: [{ url: 'https://shop.example/s.xml', because: 'answered 404' }] },
        { state: 'stopped', rendered: 3 },
      ),
    );
    expect(await run('warm')).toEqual({
      code: 1,
      out: '10 pages: 9 rendered, 1 failed, in 5 s\n',
      err: 'preface: https://shop.example/x: timeout\n',
    });
    expect(await run('warm')).toEqual({
      code: 1,
      out: '0 pages, in 5 s\n',
      err: 'preface: https://shop.example/s.xml: answered 404\n',
    });
    expect(await run('warm')).toMatchObject({ code: 1, out: 'stopped at 3 of 10 pages: 3 rendered, in 5 s\n' });
  });

  it('stops the job on Ctrl+C', async () => {
    let state = 'running';
    const { asked, run } = await adminWith(({ line }) => {
      if (line.startsWith('POST')) return [202, { job }];
      if (line.startsWith('DELETE')) state = 'stopped';
      else if (state === 'running') process.emit('SIGINT');
      return [200, progress({ state })];
    });
    expect((await run('warm')).code).toBe(1);
    expect(asked.map(({ line }) => line)).toContain(`DELETE /api/jobs/${job}`);
    expect(process.listenerCount('SIGINT')).toBe(0);
  });

  it('says when the proxy has gone meanwhile', async () => {
    const { run } = await adminWith(({ line }) =>
      line.startsWith('POST') ? [202, { job }] : [404, { error: 'There is no such job' }],
    );
    await expect(run('warm')).rejects.toThrow('lost sight of the warm-up: There is no such job');
  });
});
