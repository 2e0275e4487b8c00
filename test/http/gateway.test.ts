import { createServer, request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../src/cache/memory-store.ts';
import type { RequestFacts, Verdict } from '../../src/classify/verdict.ts';
import { RenderError } from '../../src/errors.ts';
import type { AnswerEvent, PrefaceEvent } from '../../src/events.ts';
import { createAnswers } from '../../src/http/answers.ts';
import { createGateway } from '../../src/http/gateway.ts';
import { createPageWriter } from '../../src/http/respond.ts';
import { createMarkdownForm } from '../../src/markdown/markdown-entry.ts';
import type { Origin } from '../../src/origin/origin.ts';
import type { Verified } from '../../src/page/reader.ts';
import type { Snapshot } from '../../src/page/snapshot.ts';
import type { Renderer, RenderJob } from '../../src/render/renderer.ts';
import { createPageSource } from '../../src/serve/page-source.ts';
import type { ReaderCheck } from '../../src/verify/verifier.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';
import { snapshotOf, targetOf } from '../fakes/pages.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** An origin that answers every request with its shell. */
const shellOrigin: Origin = {
  forward(_request, response, { addHeaders = [] }, done) {
    response.writeHead(200, 'OK', ['Content-Type', 'text/html', ...addHeaders]).end('<div id="root"></div>', 'latin1');
    done({ status: 200, bytes: 21 });
  },
  upgrade(_request, socket, _head, done) {
    socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    done({ status: 403, bytes: 70 });
  },
  endTunnels: () => {},
  retire: async () => {},
  close: async () => {},
};

interface Setting {
  readonly render?: (path: string) => Partial<Snapshot> & { readonly text?: string };
  readonly onFailure?: 'shell' | 'unavailable';
  readonly hosts?: readonly string[];
  readonly verify?: ReaderCheck;
  readonly llmsTxt?: () => Promise<string | undefined>;
}

async function setUp({ render = () => ({}), onFailure = 'shell', hosts, verify, llmsTxt }: Setting = {}) {
  const clock = createFakeClock(Date.UTC(2026, 10, 1));
  const events: PrefaceEvent[] = [];
  const jobs: RenderJob[] = [];
  const renderer: Renderer = {
    async render(job) {
      jobs.push(job);
      const { target } = job;
      const { text = '<p>The page</p>'.repeat(100), ...rest } = render(new URL(target.url).pathname);
      return snapshotOf(text, clock.now(), rest);
    },
  };
  const report = (event: PrefaceEvent) => void events.push(event);
  const storage = {
    freshMs: 3_600_000,
    staleWhileRevalidateMs: 86_400_000,
    staleIfErrorMs: 604_800_000,
    negativeFreshMs: 300_000,
    followOrigin: false,
  };
  const pages = createPageSource({
    store: createMemoryStore({ maxBytes: 1e6 }),
    renderer,
    clock,
    report,
    storageFor: () => storage,
    longestRenderMs: 1000,
  });
  const classify = ({ userAgent, target, accept }: RequestFacts): Verdict =>
    userAgent === 'Twitterbot'
      ? {
          kind: 'page',
          target: targetOf(target),
          reader: { class: 'social', name: 'Twitterbot' },
          format: accept === 'text/markdown' ? 'markdown' : 'html',
        }
      : { kind: 'pass', because: 'person', reader: { class: 'person' } };
  const room = {
    classify,
    verify,
    origin: shellOrigin,
    pages,
    writePage: createPageWriter({ vary: 'User-Agent' }),
    markdownForm: createMarkdownForm({ contentSignal: '' }),
    llmsTxt,
    onFailure,
    debugHeaders: true,
    vary: 'User-Agent',
  };
  const clientAddress = () => '198.51.100.7';
  const gateway = createGateway({
    siteOf: (host) => (hosts === undefined || hosts.includes(host) ? room : undefined),
    clientAddress,
    answers: createAnswers({ clientAddress, clock, report }),
    report,
  });
  const server = createServer(gateway.request);
  server.on('upgrade', (request, socket, head) => gateway.upgrade(request, socket as Socket, head));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;

  function ask(path: string, headers: OutgoingHttpHeaders = {}, method = 'GET') {
    return new Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }>((resolve, reject) => {
      const outgoing = httpRequest(
        { port, path, method, headers: { 'user-agent': 'Twitterbot', ...headers } },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk) => chunks.push(chunk));
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
          );
        },
      );
      outgoing.on('error', reject).end();
    });
  }
  const answers = () => events.filter((event): event is AnswerEvent => event.type === 'answer');
  return { ask, clock, answers, jobs, pages };
}

/** A check with a verdict of its own. */
const finding = (verdict: Verified | Promise<Verified>, isStrict = false): ReaderCheck => ({
  isStrict,
  check: () => verdict,
});

describe('the gateway', () => {
  it('gives a reader the page and a person the shell', async () => {
    const { ask } = await setUp();
    expect((await ask('/a')).body.toString()).toContain('The page');
    expect((await ask('/a', { 'user-agent': 'Firefox' })).body.toString()).toBe('<div id="root"></div>');
  });

  it('says in the headers where the page comes from, how old it is and for whom it was chosen', async () => {
    const { ask, clock } = await setUp();
    const miss = await ask('/a');
    expect(miss.headers).toMatchObject({
      'cache-status': 'Preface; fwd=uri-miss; stored',
      'x-preface': 'page; reader=social; bot=Twitterbot',
      vary: 'User-Agent, Accept-Encoding',
      age: '0',
      'cache-control': 'public, max-age=0, s-maxage=3600, stale-while-revalidate=86400, stale-if-error=604800',
    });
    expect(miss.headers['server-timing']).toContain('render;dur=36');
    clock.advance(60_000);
    const hit = await ask('/a');
    expect(hit.headers).toMatchObject({
      'cache-status': 'Preface; hit; ttl=3540',
      age: '60',
      'server-timing': 'cache;desc=hit',
    });
    clock.advance(3_600_000);
    expect((await ask('/a')).headers['cache-status']).toMatch(/^Preface; hit; fwd=stale/);
  });

  it('does not let caches between it and readers keep what was purged', async () => {
    const { ask, pages } = await setUp();
    await ask('/a');
    await pages.purge({ everything: true }, 'soft');
    const { headers } = await ask('/a');
    expect(headers['cache-status']).toMatch(/^Preface; hit; fwd=stale/);
    expect(headers['cache-control']).toContain('s-maxage=0,');
    expect((await ask('/a')).headers['cache-control']).toContain('s-maxage=3600,');
  });

  it('marks what it passes on', async () => {
    const { ask } = await setUp();
    const { headers } = await ask('/a', { 'user-agent': 'Firefox' });
    expect(headers).toMatchObject({ 'x-preface': 'pass; because=person', 'cache-status': 'Preface; fwd=bypass' });
    expect(headers['x-request-id']).toBeTruthy();
  });

  it('takes over a request id, and makes one where there is none or a bad one', async () => {
    const { ask, answers } = await setUp();
    expect((await ask('/a', { 'x-request-id': 'abc-1' })).headers['x-request-id']).toBe('abc-1');
    expect((await ask('/a', { 'x-request-id': '<script>' })).headers['x-request-id']).not.toContain('<');
    expect(answers()[0]?.requestId).toBe('abc-1');
  });

  it('answers 304 to the same tag, a 200 to another, and one tag per coding', async () => {
    const { ask } = await setUp();
    const plain = await ask('/a');
    const zipped = await ask('/a', { 'accept-encoding': 'gzip' });
    expect(zipped.headers.etag).not.toBe(plain.headers.etag);
    expect(gunzipSync(zipped.body).equals(plain.body)).toBe(true);
    const same = await ask('/a', { 'if-none-match': `"other", W/${plain.headers.etag}` });
    expect(same.status).toBe(304);
    expect(same.body.length).toBe(0);
    expect(same.headers.etag).toBe(plain.headers.etag);
    expect((await ask('/a', { 'if-none-match': '"other"' })).status).toBe(200);
    expect((await ask('/a', { 'if-modified-since': plain.headers['last-modified'] })).status).toBe(304);
    expect(
      (await ask('/a', { 'if-modified-since': plain.headers['last-modified'], 'if-none-match': '"other"' })).status,
    ).toBe(200);
  });

  it('answers HEAD with the head of the page alone', async () => {
    const { ask } = await setUp();
    const get = await ask('/a');
    const head = await ask('/a', {}, 'HEAD');
    expect(head.body.length).toBe(0);
    expect(head.headers['content-length']).toBe(String(get.body.length));
  });

  it('keeps the status and the location of a page that is elsewhere', async () => {
    const redirect = { status: 301, text: '', headers: [['location', '/new']] as const };
    const { ask } = await setUp({ render: () => redirect });
    for (const expected of ['Preface; fwd=uri-miss; stored', /hit/]) {
      const { status, headers } = await ask('/old');
      expect(status).toBe(301);
      expect(headers.location).toBe('/new');
      expect(headers['cache-status']).toMatch(expected);
    }
  });

  it('gives the shell when a page cannot be rendered, and says why', async () => {
    const failing = () => {
      throw new RenderError('timeout', 'too slow');
    };
    const { ask, answers } = await setUp({ render: failing });
    const answer = await ask('/a');
    expect(answer.body.toString()).toBe('<div id="root"></div>');
    expect(answer.headers['x-preface']).toBe('shell; because=timeout');
    expect(answers()[0]).toMatchObject({ outcome: 'shell', because: 'timeout' });
  });

  it('asks to come again instead, where that is configured', async () => {
    const failing = () => {
      throw new RenderError('timeout', 'too slow');
    };
    const { ask } = await setUp({ render: failing, onFailure: 'unavailable' });
    const answer = await ask('/a');
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toBe('30');
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('does not ask to come again for a page that is too large', async () => {
    const large = () => {
      throw new RenderError('too-large', 'the page has 20000000 bytes or more of HTML');
    };
    const { ask } = await setUp({ render: large, onFailure: 'unavailable' });
    const { status, headers, body } = await ask('/a');
    expect([status, headers['retry-after']]).toEqual([503, undefined]);
    expect(String(body)).toBe('The page could not be prepared.\n');
  });

  it('passes on what turns out not to be a page', async () => {
    const notHtml = () => {
      throw new RenderError('not-html', 'a PDF');
    };
    const { ask } = await setUp({ render: notHtml, onFailure: 'unavailable' });
    expect((await ask('/a')).headers['x-preface']).toBe('pass; because=not-html');
  });

  it('forbids storing an answer that was not stored here', async () => {
    const { ask } = await setUp({ render: () => ({ originCacheControl: 'private' }) });
    expect((await ask('/a')).headers['cache-control']).toBe('private, no-cache');
  });

  it('gives the page as Markdown to a reader that asks for it, from the same render', async () => {
    const { ask } = await setUp({ render: () => ({ text: '<h1>The page</h1>' }) });
    await ask('/a');
    const { headers, body } = await ask('/a', { accept: 'text/markdown' });
    expect(headers['content-type']).toBe('text/markdown; charset=utf-8');
    expect(headers['cache-status']).toContain('hit');
    expect(body.toString()).toContain('# The page');
    expect((await ask('/a', { accept: 'text/markdown', 'if-none-match': headers.etag })).status).toBe(304);
  });

  it('ends a loop after a few rounds, and lets one Preface stand behind another', async () => {
    const { ask } = await setUp();
    expect((await ask('/a', { 'cdn-loop': 'preface, preface' })).status).toBe(200);
    expect((await ask('/a', { 'cdn-loop': 'preface, preface, preface; v=1, other, preface, preface' })).status).toBe(
      508,
    );
  });

  it('tells what became of a WebSocket handshake', async () => {
    const { ask, answers } = await setUp({ hosts: ['www.example.com'] });
    const handshake = { connection: 'Upgrade', upgrade: 'websocket' };
    expect((await ask('/live?x', { ...handshake, host: 'www.example.com' })).status).toBe(403);
    expect((await ask('/live', { ...handshake, host: 'elsewhere.example' })).status).toBe(421);
    expect(answers()).toMatchObject([
      { status: 403, outcome: 'pass', because: 'upgrade', target: '/live?x', host: 'www.example.com', bytes: 70 },
      { status: 421, outcome: 'refused', because: 'unknown-host' },
    ]);
  });

  it('gives anybody the list of pages for language models, unless the application has one', async () => {
    const given: (string | undefined)[] = ['# a.example\n', undefined];
    const { ask, answers } = await setUp({ llmsTxt: async () => given.shift() });
    const list = await ask('/llms.txt', { 'user-agent': 'Mozilla/5.0' });
    expect([list.status, list.headers['content-type'], list.body.toString()]).toEqual([
      200,
      'text/markdown; charset=utf-8',
      '# a.example\n',
    ]);
    expect((await ask('/llms.txt', { 'user-agent': 'Mozilla/5.0' })).body.toString()).toContain('root');
    expect(answers()).toMatchObject([{ outcome: 'hit', because: 'llms-txt', bytes: 12 }, { outcome: 'pass' }]);
  });

  it('turns away hosts that it does not serve', async () => {
    const { ask } = await setUp({ hosts: ['shop.example'] });
    expect((await ask('/a', { host: 'other.example' })).status).toBe(421);
    expect((await ask('/a', { host: 'shop.example' })).status).toBe(200);
  });

  it('says of a reader that it is verified, and gives its renders a place of their own', async () => {
    const { ask, answers, jobs } = await setUp({ verify: finding('verified') });
    expect((await ask('/a')).headers['x-preface']).toBe('page; reader=social; bot=Twitterbot; verified=verified');
    expect(answers()[0]?.verified).toBe('verified');
    expect(jobs[0]?.client).toBe('verified:Twitterbot');
  });

  it('renders for everybody else in the name of the network', async () => {
    const { ask, jobs } = await setUp({ verify: finding('unverifiable') });
    expect((await ask('/a')).headers['x-preface']).toBe('page; reader=social; bot=Twitterbot');
    expect(jobs[0]?.client).toBe('198.51.100.0/24');
  });

  it('gives the page to a forged reader and only says so', async () => {
    const { ask, answers, jobs } = await setUp({ verify: finding('forged') });
    const { headers, body } = await ask('/a');
    expect(body.toString()).toContain('The page');
    expect(headers['x-preface']).toBe('page; reader=social; bot=Twitterbot; verified=forged');
    expect(answers()[0]).toMatchObject({ verified: 'forged', outcome: 'render' });
    expect(jobs[0]?.client).toBe('198.51.100.0/24');
  });

  it('takes a forged reader for a person where it is strict', async () => {
    const { ask, answers, jobs } = await setUp({ verify: finding(Promise.resolve('forged'), true) });
    const { status, headers, body } = await ask('/a');
    expect(status).toBe(200);
    expect(body.toString()).toBe('<div id="root"></div>');
    expect(headers['x-preface']).toBe('pass; because=forged');
    expect(answers()[0]).toMatchObject({ verified: 'forged', because: 'forged', outcome: 'pass' });
    expect(jobs).toEqual([]);
  });

  it.each(['pending', 'unverifiable', 'verified'] as const)(
    'gives the page to a reader that is %s even where it is strict',
    async (verdict) => {
      const { ask } = await setUp({ verify: finding(Promise.resolve(verdict), true) });
      expect((await ask('/a')).body.toString()).toContain('The page');
    },
  );

  it('asks nobody about people', async () => {
    const verify: ReaderCheck = {
      isStrict: true,
      check: () => {
        throw new Error('asked');
      },
    };
    const { ask, answers } = await setUp({ verify });
    expect((await ask('/a', { 'user-agent': 'Firefox' })).status).toBe(200);
    expect(answers()[0]?.verified).toBeUndefined();
  });
});
