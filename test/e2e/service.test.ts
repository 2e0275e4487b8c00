import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConfigInput } from '../../src/config/schema.ts';
import { answerTo, type ServiceUnderTest, startService, token } from '../fixtures/service.ts';
import { spaHandler, startOrigin, type TestOrigin } from '../fixtures/spa.ts';

const site = 'https://www.example.com';
const bot = { 'user-agent': 'Twitterbot/1.0' };
const phone = {
  'user-agent':
    'Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
};

let origin: TestOrigin;
/** Somebody else's server on this machine; nobody may be led there. */
let bystander: TestOrigin;
let service: ServiceUnderTest;
let settings: ConfigInput;
const heads = new Map<string, IncomingHttpHeaders>();

beforeAll(async () => {
  origin = await startOrigin((request, response) => {
    heads.set(request.url ?? '', request.headers);
    spaHandler(request, response);
  });
  bystander = await startOrigin((_request, response) => void response.end('private'));
  settings = {
    sites: [
      { origin: origin.url, publicUrl: site, render: { device: 'auto' }, warm: { rate: 100 } },
      { origin: origin.url, publicUrl: 'https://desk.example' },
    ],
    render: { tabs: 2 },
    paths: [{ match: '/private/**', render: false }],
  };
  service = await startService(settings);
});

afterAll(async () => {
  await service.close();
  await origin.close();
  await bystander.close();
});

const asked = (line: string) => origin.requests.filter((request) => request === line).length;
const order = (body: object) => ({ method: 'POST', body: JSON.stringify(body) });

describe('a page that the rendering service is asked for', () => {
  const page = `${site}/forms/a?x=1`;

  it.each([
    `/${page}`,
    `/${encodeURIComponent(page)}`,
    `/${page.replace('//', '/')}`,
    `/${page.replace('https', 'http')}`,
    `/render?url=${encodeURIComponent(page)}`,
    `/render/${page}`,
    `/render/${encodeURIComponent(page)}`,
  ])('comes finished, and is one page in every form: %s', async (target) => {
    const { status, headers, body } = await service.ask(target, { headers: bot });
    expect(status).toBe(200);
    expect(String(body)).toContain('Text of /forms/a');
    expect(String(body)).not.toContain('<script');
    expect(headers['x-preface']).toBe('page; reader=social; bot=Twitterbot');
    expect(asked('GET /forms/a?x=1')).toBe(1);
  });

  it('is in the same cache as at the proxy, with the same answer', async () => {
    const atProxy = await service.askProxy('/shared/1', { ...bot, host: 'www.example.com' });
    const here = await service.ask(`/${site}/shared/1`, { headers: bot });
    expect(here.headers['cache-status']).toMatch(/^Preface; hit; ttl=\d+$/);
    const compared = ['etag', 'last-modified', 'vary', 'cache-control', 'content-type', 'x-preface'];
    for (const name of compared) expect(here.headers[name], name).toBe(atProxy.headers[name]);
    expect(here.body).toEqual(atProxy.body);

    await service.ask(`/render/${site}/shared/2`, { headers: bot });
    const later = await service.askProxy('/shared/2', { ...bot, host: 'www.example.com' });
    expect(later.headers['cache-status']).toMatch(/^Preface; hit/);
  });

  it('comes compressed, as a head, and not at all where the copy is still right', async () => {
    const target = `/${site}/conditions/${'long'.repeat(500)}`;
    const plain = await service.ask(target);
    const packed = await service.ask(target, { headers: { 'accept-encoding': 'gzip' } });
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(packed.body)).toEqual(plain.body);
    const head = await service.ask(target, { method: 'HEAD' });
    expect([head.status, head.body.length]).toEqual([200, 0]);
    const again = await service.ask(target, { headers: { 'if-none-match': String(plain.headers.etag) } });
    expect([again.status, again.body.length]).toEqual([304, 0]);
  });

  it('has the status and the redirect of the page', async () => {
    expect((await service.ask(`/${site}/missing/lamp`)).status).toBe(404);
    const moved = await service.ask(`/${site}/moved`);
    expect([moved.status, moved.headers.location]).toEqual([301, `${site}/new-home`]);
  });

  it('comes as Markdown for who accepts that', async () => {
    const { headers, body } = await service.ask(`/${site}/words`, { headers: { ...bot, accept: 'text/markdown' } });
    expect(headers['content-type']).toMatch(/^text\/markdown/);
    expect(String(body)).toContain('# Page /words');
  });

  it("is for the device that the reader's user agent or the order names", async () => {
    const target = `/render/${encodeURIComponent(`${site}/devices`)}`;
    const desktop = await service.ask(target, { headers: bot });
    const mobile = await service.ask(target, { headers: phone });
    expect(mobile.headers['cache-status']).toBe('Preface; fwd=uri-miss; stored');
    const ordered = await service.ask(`${target}?mobile`, { headers: bot });
    expect(ordered.headers['cache-status']).toMatch(/hit/);
    expect(ordered.headers.etag).toBe(mobile.headers.etag);
    expect(desktop.headers['cache-status']).toBe('Preface; fwd=uri-miss; stored');
  });

  it('is not given for another device than the site renders', async () => {
    const { status, body } = await service.ask('/render/https://desk.example/?mobile');
    expect(status).toBe(501);
    expect(String(body)).toBe('This page is rendered for desktop alone; render.device: auto renders it for each\n');
  });

  it('is rendered anew on request', async () => {
    const target = `/render/${site}/anew`;
    await service.ask(target);
    const { headers } = await service.ask(`${target}?refreshCache=true`);
    expect(headers['cache-status']).toBe('Preface; fwd=uri-miss; stored');
    expect(asked('GET /anew')).toBe(2);
    expect((await service.ask(target)).headers['cache-status']).toMatch(/hit/);
  });

  it('is told in the log and the metrics as one of the site', async () => {
    await service.ask(`/${site}/told?a=1`, { headers: { ...bot, 'x-request-id': 'told-1' } });
    const { recent, service: listener } = await (await fetch(`${service.adminUrl}/api/status`)).json();
    expect(listener.port).toBe(Number(new URL(service.url).port));
    expect(recent.find(({ requestId }: { requestId: string }) => requestId === 'told-1')).toMatchObject({
      method: 'GET',
      host: 'www.example.com',
      target: '/told?a=1',
      status: 200,
      reader: 'social',
      outcome: 'render',
    });
  });
});

describe('what the application answers itself', () => {
  it('is passed on, and asked for as nobody in particular', async () => {
    const headers = { ...bot, cookie: 'session=1', authorization: 'Basic eDp5', 'x-forwarded-host': 'evil.example' };
    const { status, headers: fields, body } = await service.ask(`/${site}/report.pdf`, { headers });
    expect([status, String(body)]).toEqual([200, '%PDF-1.7']);
    expect(fields['x-preface']).toBe('pass; because=asset');
    const seen = heads.get('/report.pdf') ?? {};
    expect(seen).toMatchObject({ host: 'www.example.com', 'user-agent': 'Preface', 'x-prerender': '1' });
    expect(Object.keys(seen)).not.toContain('cookie');
    expect(Object.keys(seen)).not.toContain('authorization');
    expect(Object.keys(seen)).not.toContain('x-prerender-token');
    expect(seen['x-forwarded-host']).toBe('www.example.com');
  });

  it('is what the configuration leaves to it, and what a renderer asks for', async () => {
    const excluded = await service.ask(`/${site}/private/a`, { headers: bot });
    expect(excluded.headers['x-preface']).toBe('pass; because=excluded');
    const ours = await service.ask(`/${site}/ours`, { headers: { ...bot, 'x-prerender': '1' } });
    expect(ours.headers['x-preface']).toBe('pass; because=own-render');
    expect(String(ours.body)).toContain('<script');
  });

  it('cannot be given a second request in the first one', async () => {
    const smuggled = `${site}/report.pdf?a= HTTP/1.1\r\nHost: evil\r\n\r\nGET /second`;
    const before = origin.requests.length;
    await service.ask(`/render?url=${encodeURIComponent(smuggled)}`);
    const [only, ...more] = origin.requests.slice(before);
    expect(only).toMatch(/^GET \/report\.pdf\?a=%20HTTP\/1\.1Host:%20evilGET%20\/second$/);
    expect(more).toEqual([]);
  });
});

describe('who may ask', () => {
  it.each([
    ['nothing', {}],
    ['an empty token', { 'x-prerender-token': '' }],
    ['a part of it', { 'x-prerender-token': token.slice(0, -1) }],
    ['more than it', { 'x-prerender-token': `${token}x` }],
    ['it twice', { 'x-prerender-token': `${token}, ${token}` }],
    ['it in another field', { authorization: `Bearer ${token}` }],
  ])('is nobody who shows %s', async (_, headers: Record<string, string>) => {
    const before = origin.requests.length;
    for (const target of [`/${site}/`, `/render?url=${site}/`, `/render/${site}/`, `/screenshot/${site}/`, '/', '/x']) {
      const { status, body } = await answerTo(service.url, target, { headers });
      expect([status, String(body)]).toEqual([
        401,
        'A token is required: X-Prerender-Token with the value of service.token\n',
      ]);
    }
    const recache = await answerTo(service.url, '/recache', { ...order({ url: `${site}/` }), headers });
    expect(recache.status).toBe(401);
    expect(origin.requests.length).toBe(before);
  });

  it('is everybody where only health is asked for', async () => {
    const health = await answerTo(service.url, '/_ah/health', {});
    expect([health.status, String(health.body)]).toEqual([200, 'OK\n']);
  });
});

describe('the rendering service is no open renderer', () => {
  const foreign = () => [
    bystander.url,
    bystander.url.replace('127.0.0.1', 'localhost'),
    bystander.url.replace('127.0.0.1', '0x7f.1'),
    bystander.url.replace('127.0.0.1', '2130706433'),
    bystander.url.replace('127.0.0.1', '[::ffff:127.0.0.1]'),
    bystander.url.replace('127.0.0.1', '127.0.0.1.'),
    // Where the application really is.
    origin.url,
    'http://[::1]/',
    'http://169.254.169.254/latest/meta-data/',
    'https://evil.example/',
    `https://evil.example/?${site}/`,
    `https://evil.example/${site}/`,
    'https://www.example.com.evil.example/',
    'https://evil.www.example.com/',
    'https://www.example.com:8443/',
    'https://www.example.com:80/',
    'https://example.com/',
    'https://evil.example\\.www.example.com/',
    'https://www.example.com\\@evil.example/',
    'https:///evil.example/',
    'https:evil.example',
  ];

  it('for none of the URLs that are not of its sites, in no form', async () => {
    const before = origin.requests.length;
    for (const url of foreign()) {
      for (const target of [
        `/${url}`,
        `/render/${url}`,
        `/render?url=${encodeURIComponent(url)}`,
        `/${encodeURIComponent(url)}`,
        `/screenshot/${url}`,
        `/render?url=${encodeURIComponent(url)}&renderType=pdf&followRedirects=true&userAgent=x`,
      ]) {
        const { status, body } = await service.ask(target, { headers: { ...bot, host: 'www.example.com' } });
        expect([400, 403], `${target}: ${status}`).toContain(status);
        expect(String(body)).not.toContain('private');
      }
    }
    expect(bystander.requests).toEqual([]);
    expect(origin.requests.length).toBe(before);
  });

  it('and says which setting would allow one', async () => {
    const { status, body } = await service.ask('/https://new.example:8443/a');
    expect([status, String(body)]).toEqual([
      403,
      'new.example:8443 is none of the sites here: publicUrl or sites would have to name it (sites: [{ hosts, origin, publicUrl }])\n',
    ]);
  });

  it.each([
    ['/https://user:pass@www.example.com/', 400],
    ['/https://www.example.com@evil.example/', 400],
    ['/file:///etc/passwd', 400],
    ['/javascript:alert(1)', 400],
    [`/view-source:${site}/`, 400],
    [`/render?url=${site}/&unknown=1`, 400],
    [`/render?url=${site}/&renderType=gif`, 400],
    [`/screenshot/${site}/?width=0`, 400],
    [`/screenshot/${site}/report.pdf`, 400],
    [`/render?url=${site}/private/a&renderType=png`, 400],
    ['/nothing', 404],
  ])('nor does it guess: %s', async (target, status) => {
    const before = origin.requests.length;
    const answer = await service.ask(target);
    expect([answer.status, answer.headers['cache-control']]).toEqual([status, 'no-store']);
    expect(origin.requests.length).toBe(before);
  });

  it('for a client that takes it for a forward proxy', async () => {
    const { status } = await answerTo(service.url, `${bystander.url}/`, {
      headers: { host: new URL(bystander.url).host, 'x-prerender-token': token },
    });
    expect(status).toBe(404);
    expect(bystander.requests).toEqual([]);
  });

  it('nor a tunnel', async () => {
    const headers = {
      connection: 'upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': 'x',
      'sec-websocket-version': '13',
    };
    expect((await service.ask(`/${site}/`, { headers })).status).toBe(400);
  });
});

describe('POST /recache', () => {
  it('makes pages stale and has them rendered, on all devices', async () => {
    await service.ask(`/${site}/recached`, { headers: bot });
    const { status, body } = await answerTo(
      service.url,
      '/recache',
      order({
        prerenderToken: token,
        urls: [
          `${site}/recached?utm_source=mail`,
          `${site}/unknown-yet`,
          `${site}/a.pdf`,
          'https://evil.example/',
          '/a',
        ],
      }),
    );
    const answer = JSON.parse(String(body));
    expect([status, answer]).toEqual([
      200,
      {
        recached: 2,
        purged: 1,
        refused: [
          { url: `${site}/a.pdf`, because: 'no page: the application answers itself' },
          { url: 'https://evil.example/', because: 'on none of the sites' },
          { url: '/a', because: 'on none of the sites' },
        ],
        job: expect.any(String),
      },
    ]);
    await service.jobEnded(answer.job);
    expect(asked('GET /recached')).toBe(3);
    for (const headers of [bot, phone])
      for (const path of ['/recached', '/unknown-yet'])
        expect((await service.ask(`/${site}${path}`, { headers })).headers['cache-status']).toMatch(
          /^Preface; hit; ttl/,
        );
  });

  it('takes the token in its field, too, and one URL alone', async () => {
    const one = { url: `${site}/one`, adaptiveType: 'mobile' };
    const { status, body } = await service.ask('/recache', order(one));
    expect([status, JSON.parse(String(body)).recached]).toEqual([200, 1]);
  });

  it.each([
    ['other pages only', { url: 'https://evil.example/' }, 403],
    ['nothing', {}, 400],
    ['both', { url: `${site}/`, urls: [`${site}/`] }, 400],
    ['something unknown', { url: `${site}/`, sitemap: `${site}/sitemap.xml` }, 400],
    ['more than a thousand', { urls: Array.from({ length: 1001 }, (_, n) => `${site}/${n}`) }, 400],
    ['too much', { urls: ['x'.repeat(5_000_000)] }, 413],
  ])('says what is wrong with an order for %s', async (_, body, status) => {
    expect((await service.ask('/recache', order(body))).status).toBe(status);
  });

  it('cannot be shut out by others who are slow to show the token', async () => {
    const { hostname, port } = new URL(service.url);
    const slow = Array.from({ length: 8 }, () => connect(Number(port), hostname));
    const head = 'POST /recache HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n';
    for (const socket of slow) {
      socket.write(head);
      await once(socket, 'data');
    }
    const [oldest, ...others] = slow as [Socket, ...Socket[]];
    const given = text(oldest);
    const body = order({ prerenderToken: token, url: `${site}/few` });
    expect((await answerTo(service.url, '/recache', body)).status).toBe(200);
    expect(await given).toMatch(/^HTTP\/1\.1 429 .*Too many ask at once without X-Prerender-Token/s);
    for (const socket of others) expect(socket.closed).toBe(false);
    expect((await service.ask('/recache', body)).status).toBe(200);
    for (const socket of others) socket.destroy();
  });

  it('is told in the log and the metrics, failed tokens and other mistakes too', async () => {
    const told = async (id: string, body: object, fields: Record<string, string> = {}) => {
      const headers = { 'x-request-id': id, ...fields };
      const { headers: answered } = await answerTo(service.url, '/recache', { ...order(body), headers });
      expect(answered['x-request-id']).toBe(id);
      const { recent } = await (await fetch(`${service.adminUrl}/api/status`)).json();
      const { method, target, status, outcome } = recent.find(
        ({ requestId }: { requestId: string }) => requestId === id,
      );
      return [method, target, status, outcome];
    };
    const good = { prerenderToken: token, url: `${site}/told-of` };
    expect(await told('recache-1', good)).toEqual(['POST', '/recache', 200, 'order']);
    expect(await told('recache-2', { url: `${site}/` })).toEqual(['POST', '/recache', 401, 'refused']);
    const wrong = { 'x-prerender-token': 'another-of-sixteen' };
    expect(await told('recache-3', good, wrong)).toEqual(['POST', '/recache', 401, 'refused']);
    expect(await told('recache-4', {}, { 'x-prerender-token': token })).toEqual(['POST', '/recache', 400, 'refused']);
    const metrics = await (await fetch(`${service.adminUrl}/metrics`)).text();
    expect(metrics).toMatch(/^preface_requests_total\{reader="person",outcome="order"\} [1-9]/m);
  });

  it('says what is wrong with a body that is not JSON', async () => {
    const { status, body } = await service.ask('/recache', { method: 'POST', body: 'url=https://www.example.com/' });
    expect([status, String(body)]).toEqual([400, '{"error":"The body is not JSON"}\n']);
  });
});

describe('a change of the configuration', () => {
  it("is followed: what was nobody's page is one of ours from then on", async () => {
    const target = '/https://new.example/a';
    expect((await service.ask(target)).status).toBe(403);
    await service.reload({
      ...settings,
      sites: [...(settings.sites ?? []), { origin: origin.url, publicUrl: 'https://new.example' }],
    });
    expect(String((await service.ask(target)).body)).toContain('Text of /a');
  });
});
