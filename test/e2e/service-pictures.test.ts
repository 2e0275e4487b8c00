import type { IncomingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pictureSize } from '../fixtures/pictures.ts';
import { answerTo, type ServiceUnderTest, startService } from '../fixtures/service.ts';
import { startOrigin, type TestOrigin } from '../fixtures/spa.ts';

const site = 'https://www.example.com';
const other = 'https://other.example';
const bot = { 'user-agent': 'Twitterbot/1.0' };

const page = `<!doctype html><html><head><title>page</title><meta name="viewport" content="width=device-width"></head>
<body style="margin:0"><div id="facts" style="height:1500px"></div><script>
document.getElementById('facts').textContent = [
  innerWidth + 'x' + innerHeight, navigator.userAgent, Intl.DateTimeFormat().resolvedOptions().timeZone
].join('|');
</script></body></html>`;

const moved: Readonly<Record<string, string>> = {
  '/moved': '/there',
  '/round': '/round-again',
  '/round-again': '/round',
  '/to-other': `${other}/there`,
  '/to-file': '/report.pdf',
  '/away': 'https://elsewhere.example/',
  '/with-user': 'https://user:secret@www.example.com/there',
};

let origin: TestOrigin;
let service: ServiceUnderTest;
const heads = new Map<string, IncomingHttpHeaders>();

beforeAll(async () => {
  origin = await startOrigin((request, response) => {
    const { url = '/' } = request;
    heads.set(url, request.headers);
    const step = /^\/step\/(\d)$/.exec(url)?.[1];
    const location = step === undefined ? moved[url] : Number(step) > 0 ? `/step/${Number(step) - 1}` : undefined;
    if (location !== undefined) return void response.writeHead(302, { location }).end();
    if (url.endsWith('.pdf'))
      return void response.writeHead(200, { 'content-type': 'application/pdf' }).end('%PDF-1.7');
    if (url.startsWith('/feed')) return void response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    if (url.startsWith('/broken')) return void response.destroy();
    if (url.startsWith('/empty')) return void response.writeHead(200, { 'content-type': 'text/html' }).end('<p></p>');
    const status = url.startsWith('/missing') ? 404 : 200;
    response.writeHead(status, { 'content-type': 'text/html', 'x-robots-tag': 'noindex' }).end(page);
  });
  service = await startService({
    sites: [
      { origin: origin.url, publicUrl: site, render: { device: 'auto' } },
      { origin: origin.url, publicUrl: other },
    ],
    render: { tabs: 1 },
    paths: [{ match: '/private/**', render: false }],
  });
});

afterAll(async () => {
  await service.close();
  await origin.close();
});

const rendered = (path: string, query: string) =>
  service.ask(`/render?url=${encodeURIComponent(site + path)}&${query}`);
const shot = (path: string, query: string) => service.ask(`/screenshot/${encodeURIComponent(site + path)}?${query}`);
const factsIn = (body: Buffer) => /id="facts"[^>]*>([^<]*)/.exec(String(body))?.[1]?.split('|') ?? [];
const asked = (path: string) => origin.requests.filter((line) => line === `GET ${path}`).length;

describe('a picture that the rendering service is asked for', () => {
  it.each([
    ['renderType=png&width=640&height=480', 'png 640x480', 'image/png'],
    ['renderType=jpeg&width=640&height=480', 'jpeg 640x480', 'image/jpeg'],
    ['renderType=png', 'png 1280x900', 'image/png'],
    ['renderType=png&fullpage=true&width=500', 'png 500x1500', 'image/png'],
    ['renderType=pdf', 'pdf', 'application/pdf'],
  ])('has the form and the size of the order: %s', async (query, form, type) => {
    const { status, headers, body } = await rendered('/pictured', query);
    expect([status, pictureSize(body), headers['content-type']]).toEqual([200, form, type]);
    expect(headers['content-length']).toBe(String(body.length));
  });

  it("comes by Rendertron's URL, too, escaped or not, and for telephones", async () => {
    const plain = await service.ask(`/screenshot/${site}/shot?x=1&width=300&height=200`);
    expect(pictureSize(plain.body)).toBe('jpeg 300x200');
    expect(asked('/shot?x=1')).toBe(1);
    expect(pictureSize((await shot('/shot', 'width=300&height=200')).body)).toBe('jpeg 300x200');
    expect(pictureSize((await shot('/shot', 'mobile')).body)).toBe('jpeg 412x915');
    expect(heads.get('/shot')?.['user-agent']).toMatch(/Android.* Mobile Safari/);
  });

  it('is for nobody to keep, whole, with a length, and says so', async () => {
    const headers = { ...bot, 'accept-encoding': 'gzip, br', accept: 'text/markdown' };
    const target = `/screenshot/${site}/told`;
    const { headers: fields, body } = await service.ask(target, { headers });
    expect(fields).toMatchObject({
      'cache-control': 'no-store',
      'cache-status': 'Preface; fwd=bypass',
      'content-length': String(body.length),
      'content-type': 'image/jpeg',
      'x-content-type-options': 'nosniff',
      'x-robots-tag': 'noindex',
      'x-preface': 'page; reader=social; bot=Twitterbot',
    });
    expect(fields['content-encoding']).toBeUndefined();
    const head = await service.ask(target, { headers, method: 'HEAD' });
    expect([head.status, head.body.length, head.headers['content-type']]).toEqual([200, 0, 'image/jpeg']);
    expect(Number(head.headers['content-length'])).toBeGreaterThan(0);
  });

  it("has the page's status", async () => {
    const { status, body } = await shot('/missing', '');
    expect([status, pictureSize(body)]).toEqual([404, 'jpeg 1280x900']);
  });

  it.each(['/broken', '/empty', '/empty.html'])('that cannot be made is no shell: %s', async (path) => {
    const { status, headers, body } = await shot(path, '');
    expect([status, headers['retry-after'], headers['cache-control']]).toEqual([503, '30', 'no-store']);
    expect(String(body)).toBe('The page could not be prepared. Please try again later.\n');
  });

  it('is not made of what the application answers itself', async () => {
    const { status, body } = await shot('/private/a', '');
    expect([status, String(body)]).toEqual([
      400,
      'There is no picture of this: it is none of the rendered pages, the application answers it itself (excluded)\n',
    ]);
  });

  it('is nothing to ask for again where the application answers without HTML', async () => {
    for (let turn = 0; turn < 2; turn += 1) {
      const { status, headers, body } = await shot('/feed', '');
      expect([status, headers['retry-after'], headers['cache-control']]).toEqual([400, undefined, 'no-store']);
      expect(String(body)).toMatch(/^There is no picture of this: .*\(not-html\)\n$/);
    }
    const { status, body } = await rendered('/feed', '');
    expect([status, String(body)]).toEqual([200, '{}']);
  });

  it('needs the token, and a page of the sites', async () => {
    expect((await answerTo(service.url, `/screenshot/${site}/`, {})).status).toBe(401);
    expect((await service.ask('/screenshot/https://elsewhere.example/')).status).toBe(403);
    expect((await service.ask(`/render?url=${encodeURIComponent(origin.url)}&renderType=pdf`)).status).toBe(403);
  });
});

describe('a page that the rendering service is asked for otherwise', () => {
  it('is rendered with the window, user agent and time zone of the order, and nothing of it is stored or left', async () => {
    const usual = await rendered('/other', '');
    const usualAgain = await rendered('/other', '');
    expect(usualAgain.headers['cache-status']).toMatch(/hit/);
    const { headers, body } = await rendered(
      '/other',
      'width=700&height=500&userAgent=Kiosk/7&timezoneId=Asia/Tashkent',
    );
    expect(factsIn(body)).toEqual(['700x500', 'Kiosk/7', 'Asia/Tashkent']);
    expect(heads.get('/other')).toMatchObject({ 'user-agent': 'Kiosk/7', 'x-prerender': '1' });
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'cache-status': 'Preface; fwd=bypass' });
    expect(asked('/other')).toBe(2);

    expect((await rendered('/other', '')).body).toEqual(usual.body);
    expect(asked('/other')).toBe(2);
    const anew = await rendered('/other', 'refreshCache=true');
    expect(factsIn(anew.body)).toEqual(factsIn(usual.body));
    expect(asked('/other')).toBe(3);
  });

  it('is not what a reader finds later', async () => {
    await service.ask(`/render/${site}/first?timezoneId=Asia/Tashkent`);
    const later = await service.askProxy('/first', { ...bot, host: 'www.example.com' });
    expect(later.headers['cache-status']).toBe('Preface; fwd=uri-miss; stored');
    expect(factsIn(later.body)[2]).not.toBe('Asia/Tashkent');
    const { pages } = await (await fetch(`${service.adminUrl}/api/pages`)).json();
    const urls = pages.map(({ url }: { url: string }) => url);
    expect(urls).toContain(`${site}/first`);
    expect(urls.filter((url: string) => /pictured|shot|told/.test(url))).toEqual([]);
  });

  it.each(['width=500', 'userAgent=Kiosk/7', 'timezoneId=Asia/Tashkent'])(
    'is not what the application gives to Preface instead, without a word: %s',
    async (query) => {
      for (const path of ['/private/b', '/feed-otherwise']) {
        const { status, headers, body } = await rendered(path, query);
        expect([status, headers['cache-control']]).toEqual([400, 'no-store']);
        expect(String(body)).toMatch(/^This cannot be rendered otherwise: .*\((?:excluded|not-html)\)\n$/);
      }
      const { status, headers } = await rendered(`/empty?${query}`, query);
      expect([status, headers['retry-after'], headers['x-preface']]).toEqual([503, '30', 'unavailable; because=empty']);
      expect(asked('/private/b')).toBe(0);
    },
  );
});

describe('a redirect', () => {
  it('is answered as one, unless it is to be followed', async () => {
    const { status, headers, body } = await shot('/moved', '');
    expect([status, headers.location, body.length]).toEqual([302, `${site}/there`, 0]);
    expect(headers['cache-status']).toBe('Preface; fwd=bypass');
    const followed = await shot('/moved', 'followRedirects=true');
    expect([followed.status, pictureSize(followed.body)]).toEqual([200, 'jpeg 1280x900']);
  });

  it('is followed for HTML, too, and from one site to another', async () => {
    const followed = await rendered('/to-other', 'followRedirects=true');
    expect([followed.status, factsIn(followed.body)[0]]).toEqual([200, '1280x8000']);
    expect(heads.get('/there')).toMatchObject({ host: 'other.example' });
    expect((await rendered('/moved', 'followRedirects=true')).headers['cache-status']).toMatch(
      /^Preface; fwd=uri-miss; stored/,
    );
    expect((await rendered('/moved', 'followRedirects=true')).headers['cache-status']).toMatch(/^Preface; hit/);
  });

  it('is followed five times and no further', async () => {
    expect((await rendered('/step/5', 'followRedirects=true')).status).toBe(200);
    const { status, headers } = await rendered('/step/6', 'followRedirects=true');
    expect([status, headers.location]).toEqual([302, `${site}/step/0`]);
  });

  it.each([
    ['/round', `${site}/round`],
    ['/away', 'https://elsewhere.example/'],
    ['/with-user', 'https://user:secret@www.example.com/there'],
  ])('%s ends where it would lead round or away', async (path, location) => {
    const { status, headers } = await rendered(path, 'followRedirects=true');
    expect([status, headers.location]).toEqual([302, location]);
  });

  it('to a file is followed where a file can be the answer', async () => {
    const page = await rendered('/to-file', 'followRedirects=true');
    expect([page.status, page.headers['content-type'], String(page.body)]).toEqual([
      200,
      'application/pdf',
      '%PDF-1.7',
    ]);
    for (const query of ['renderType=png', 'width=500']) {
      const { status, headers } = await rendered('/to-file', `followRedirects=true&${query}`);
      expect([status, headers.location]).toEqual([302, `${site}/report.pdf`]);
    }
  });
});
