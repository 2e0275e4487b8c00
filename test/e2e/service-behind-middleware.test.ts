import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { answerTo, type ServiceUnderTest, startService, token } from '../fixtures/service.ts';
import { spaHandler, spaShell, startOrigin, type TestOrigin } from '../fixtures/spa.ts';

// An application with middleware that asks the rendering service for crawlers' pages. The service renders that same application, so its
// own requests come by the middleware, too.

const site = 'https://www.example.com';
const bot = { 'user-agent': 'Twitterbot/1.0', host: 'www.example.com' };
const isBot = (agent = '') => /bot/i.test(agent);
const isDocument = (target = '') => !/\.\w+$/.test(target) && !target.startsWith('/api/');

interface Middleware {
  readonly asks: (request: IncomingMessage) => boolean;
  /** The service's URL for a page. */
  readonly target?: (url: string) => string;
  readonly headers?: (request: IncomingMessage) => OutgoingHttpHeaders;
}

const everyHeader = ({ headers }: IncomingMessage): OutgoingHttpHeaders => ({ ...headers, host: undefined });

let application: TestOrigin;
let service: ServiceUnderTest;

afterEach(async () => {
  await service.close();
  await application.close();
});

async function setUp({ asks, target = (url) => `/${url}`, headers = everyHeader }: Middleware, userAgent = '') {
  application = await startOrigin((request, response) => {
    if (isDocument(request.url) && asks(request)) ask(request, response);
    else spaHandler(request, response);
  });
  service = await startService({
    origin: application.url,
    publicUrl: site,
    render: { tabs: 1, timeout: '5s', userAgent },
    paths: [{ match: '/private/**', render: false }],
  });

  function ask(request: IncomingMessage, response: ServerResponse): void {
    const { hostname, port } = new URL(service.url);
    const path = target(`${site}${request.url}`);
    const { host: _, ...fields } = headers(request);
    httpRequest({ hostname, port, path, headers: { ...fields, 'x-prerender-token': token }, agent: false })
      .once('response', (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      })
      .once('error', () => response.writeHead(502).end())
      .end();
  }

  return (path: string, fields: Readonly<Record<string, string>> = bot) =>
    answerTo(application.url, path, { headers: fields });
}

const documents = (path: string) => application.requests.filter((line) => line === `GET ${path}`).length;

describe('an application whose middleware asks the rendering service', () => {
  it('gives crawlers the finished page and people the application', async () => {
    const get = await setUp({
      asks: ({ headers }) => isBot(headers['user-agent']) && headers['x-prerender'] === undefined,
    });
    const page = await get('/lamps/1');
    expect([page.status, String(page.body)]).toEqual([200, expect.stringContaining('Text of /lamps/1')]);
    const shell = await get('/lamps/1', { 'user-agent': 'Mozilla/5.0 Firefox/140.0' });
    expect(String(shell.body)).toBe(spaShell);
  });

  it('does not wait for itself where the middleware takes the renderer for a crawler', async () => {
    const get = await setUp(
      { asks: ({ headers }) => isBot(headers['user-agent']) },
      'Mozilla/5.0 (compatible; Googlebot/2.1)',
    );
    const { status, body, headers } = await get('/lamps/2');
    expect([status, headers['cache-status']]).toEqual([200, 'Preface; fwd=uri-miss; stored']);
    expect(String(body)).toContain('Text of /lamps/2');
    // The crawler's, the renderer's, and the one that the service passed on for it.
    expect(documents('/lamps/2')).toBe(3);
  });

  it('does not either where the middleware asks for everything but what comes from the service', async () => {
    const get = await setUp({ asks: ({ headers }) => headers['user-agent'] !== 'Preface' });
    expect(String((await get('/lamps/3')).body)).toContain('Text of /lamps/3');
  });

  it('does not where the middleware passes on nothing but the user agent of a renderer that says who it is', async () => {
    const get = await setUp({
      asks: ({ headers }) => isBot(headers['user-agent']) || / Preface\//.test(headers['user-agent'] ?? ''),
      target: (url) => `/render/${encodeURIComponent(url)}`,
      headers: ({ headers }) => ({ 'user-agent': headers['user-agent'] }),
    });
    expect(String((await get('/lamps/4')).body)).toContain('Text of /lamps/4');
  });

  it('gives crawlers the application where a page is left to it, in the form that crawlers ask for, too', async () => {
    const get = await setUp({
      asks: ({ url, headers }) => isBot(headers['user-agent']) || /_escaped_fragment_/.test(url ?? ''),
    });
    const { status, body } = await get('/private/a?x=1&_escaped_fragment_=/lamps');
    expect([status, String(body)]).toEqual([200, spaShell]);
    expect(application.requests).toEqual(['GET /private/a?x=1&_escaped_fragment_=/lamps', 'GET /private/a?x=1']);
  });

  it('ends a request that the middleware sends round and round', async () => {
    const get = await setUp({ asks: () => true });
    const { status } = await get('/lamps/5');
    expect(status).toBe(508);
    expect(documents('/lamps/5')).toBeLessThan(15);
  });
});
