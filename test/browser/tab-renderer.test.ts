import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { headerValue } from '../../src/page/headers.ts';
import { attachLoadSettler } from '../fakes/load-settler.ts';
import { chromiumProcesses, until } from './processes.ts';
import { html, type Pages, type RenderFixture, renderFixture } from './render-fixture.ts';

const timeoutMs = 3000;
const asked: string[] = [];

const sendHtml = (response: ServerResponse, body: string, status = 200, headers = {}) => {
  response.writeHead(status, { 'content-type': 'text/html', ...headers });
  response.end(html(body));
};

const routes: Readonly<Record<string, (response: ServerResponse) => void>> = {
  '/': (response) => sendHtml(response, '<script>document.body.append("made by a script")</script>'),
  '/gone': (response) => sendHtml(response, '<p>no such thing</p>', 404, { 'cache-control': 'max-age=7' }),
  '/lasting': (response) => {
    response.setHeader('etag', '"v1"').setHeader('cache-control', 'max-age=600');
    if (response.req.headers['if-none-match'] === '"v1"') response.writeHead(304).end();
    else sendHtml(response, '<p>for ten minutes</p>');
  },
  '/moved': (response) => response.writeHead(301, { location: '/there?x=1' }).end(),
  '/moved-away': (response) => response.writeHead(302, { location: 'http://169.254.169.254/latest/' }).end(),
  '/picture': (response) => response.writeHead(200, { 'content-type': 'image/png' }).end('x'),
  '/download': (response) =>
    response.writeHead(200, { 'content-type': 'text/html', 'content-disposition': 'attachment' }).end('x'),
  '/nothing': (response) => response.writeHead(204).end(),
  '/broken': (response) => response.destroy(),
  '/endless': (response) => sendHtml(response, '<script>for (;;);</script>'),
  '/microtasks': (response) => sendHtml(response, '<script>(function f() { Promise.resolve().then(f) })()</script>'),
  '/never': (response) => sendHtml(response, '<script>window.done = false</script>'),
  '/dialogs': (response) =>
    sendHtml(
      response,
      `<script>
        addEventListener('beforeunload', (event) => event.preventDefault());
        for (let i = 0; i < 3; i += 1) { alert(i); confirm(i); prompt(i); }
        document.body.append('all closed');
      </script>`,
    ),
  '/popups': (response) =>
    sendHtml(
      response,
      '<script>for (let i = 0; i < 50; i += 1) window.open("/popup" + i); document.body.append("opened")</script>',
    ),
  '/notifications': (response) =>
    sendHtml(
      response,
      '<p id="p"></p><script>Notification.requestPermission().then((permission) => { document.getElementById("p").textContent = permission })</script>',
    ),
  '/files': (response) =>
    sendHtml(
      response,
      '<iframe src="file:///etc/passwd"></iframe><p>here</p><script>try { location = "file:///etc/passwd" } catch {}</script>',
    ),
  '/errors': (response) => sendHtml(response, '<p>x</p><script>console.error("first", 2); null.x</script>'),
  '/cached': (response) => sendHtml(response, '<script src="/a.js"></script>'),
  '/a.js': (response) =>
    response
      .writeHead(200, { 'content-type': 'text/javascript', 'cache-control': 'max-age=600', etag: '"v1"' })
      .end('document.body.append("cached script")'),
  '/device': (response) =>
    sendHtml(
      response,
      `<meta name="viewport" content="width=device-width"><pre id="device"></pre><script>document.getElementById('device').textContent = [innerWidth, innerHeight, navigator.userAgent, navigator.maxTouchPoints].join('|')</script>`,
    ),
  '/for-people': (response) =>
    sendHtml(response, '<script>document.body.append(navigator.webdriver ? "for robots" : "for people")</script>'),
  '/loads-itself-anew': (response) =>
    sendHtml(
      response,
      '<script>if (!document.cookie) { document.cookie = "seen=1"; location.reload() } else document.body.append("second time")</script>',
      asked.filter((url) => url === '/loads-itself-anew').length > 1 ? 203 : 200,
    ),
};

const pages: Pages = (request, response) => {
  asked.push(request.url ?? '');
  const route = routes[request.url ?? ''];
  if (route) route(response);
  else sendHtml(response, `<p>page ${request.url}</p>`);
};

let fixture: RenderFixture;
beforeAll(async () => {
  fixture = await renderFixture(pages, { timeoutMs, tabs: 2 }, attachLoadSettler);
  await fixture.engine.warm();
});
afterAll(() => fixture[Symbol.asyncDispose]());

describe('a render', () => {
  it('gives the page as its scripts have made it', async () => {
    const { status, html: written, headers } = await fixture.render('/');
    expect(status).toBe(200);
    expect(written).toContain('made by a script');
    expect(written).not.toContain('<script');
    expect(headerValue(headers, 'content-type')).toBe('text/html; charset=utf-8');
  });

  it('is of a browser that nobody seems to drive, so that pages show what they show people', async () => {
    expect((await fixture.render('/for-people')).html).toContain('for people');
  });

  it("has the origin's status and knows its caching rules", async () => {
    const snapshot = await fixture.render('/gone');
    expect(snapshot).toMatchObject({ status: 404, originCacheControl: 'max-age=7' });
    expect(snapshot.html).toContain('no such thing');
  });

  it('asks for its document each time, however long Chromium could keep it, and knows its caching rules each time', async () => {
    for (let turn = 0; turn < 3; turn += 1) {
      const snapshot = await fixture.render('/lasting');
      expect(snapshot).toMatchObject({ status: 200, originCacheControl: 'max-age=600' });
      expect(snapshot.html).toContain('for ten minutes');
    }
    expect(asked.filter((url) => url === '/lasting')).toHaveLength(3);
  });

  it.each([
    ['/moved', 301, 'https://shop.example/there?x=1'],
    ['/moved-away', 302, 'http://169.254.169.254/latest/'],
  ])('gives the redirect of %s to the reader instead of following it', async (path, status, location) => {
    const snapshot = await fixture.render(path);
    expect(snapshot).toMatchObject({ status, html: '' });
    expect(headerValue(snapshot.headers, 'location')).toBe(location);
  });

  it.each(['/picture', '/download'])('leaves %s to the way for people', async (path) => {
    await expect(fixture.render(path)).rejects.toMatchObject({ code: 'not-html' });
  });

  it.each(['/nothing', '/broken'])('fails when there is no document, as for %s', async (path) => {
    await expect(fixture.render(path)).rejects.toMatchObject({ code: /navigation|empty|not-html/ });
  });

  it('sees the answer for an address that Chromium writes otherwise, where it waited until its time was over', async () => {
    expect((await fixture.render("/search?q=it's")).html).toContain('page /search?q=it%27s');
  });

  it('takes the last answer of a page that loads itself anew', async () => {
    const snapshot = await fixture.render('/loads-itself-anew');
    expect(snapshot.html).toContain('second time');
    expect(snapshot.status).toBe(203);
  });

  it('says what the page complained of', async () => {
    const { report } = await fixture.render('/errors');
    expect(report.consoleErrors).toEqual([expect.stringMatching(/^first 2/), expect.stringMatching(/^TypeError/)]);
  });

  it("counts among its inputs what came out of Chromium's own cache", async () => {
    const scripts = async () => (await fixture.render('/cached')).inputs.filter(({ url }) => url.endsWith('/a.js'));
    const renders = [await scripts(), await scripts(), await scripts()];
    const { bodyHash } = renders[0]?.[0] ?? {};
    expect(bodyHash).toMatch(/^[\w-]{43}$/);
    for (const inputs of renders)
      expect(inputs).toMatchObject([{ type: 'script', status: 200, etag: '"v1"', bodyHash }]);
    expect(asked.filter((url) => url === '/a.js').length).toBeLessThan(3);
  });

  it('asks for everything anew once the caches are forgotten', async () => {
    await fixture.render('/cached');
    fixture.egress.forgetAssets();
    await fixture.engine.forgetCaches();
    const before = asked.filter((url) => url === '/a.js').length;
    const { inputs } = await fixture.render('/cached');
    expect(asked.filter((url) => url === '/a.js').length).toBe(before + 1);
    expect(inputs.map(({ verdict }) => verdict)).toEqual(['allowed', 'allowed']);
  });

  it('is made on the device that was asked for', async () => {
    const device = async (name: 'desktop' | 'mobile') =>
      /id="device">([^<]*)/.exec((await fixture.render('/device', name)).html)?.[1]?.split('|') ?? [];
    const [desktop, mobile] = [await device('desktop'), await device('mobile')];
    expect(desktop).toEqual([
      '1280',
      '4000',
      expect.stringMatching(/ Chrome\/[\d.]+ Safari\/\S+ Preface\/9\.9\.9$/),
      '0',
    ]);
    expect(mobile.slice(0, 2)).toEqual(['412', '4000']);
    expect(mobile[2]).toMatch(/Android.* Mobile Safari/);
    expect(Number(mobile[3])).toBeGreaterThan(0);
  });

  it('closes the dialogs that the page opens', async () => {
    expect((await fixture.render('/dialogs')).html).toContain('all closed');
  });

  it('lets the page open no windows', async () => {
    expect((await fixture.render('/popups')).html).toContain('opened');
    expect(asked.filter((url) => url.startsWith('/popup'))).toEqual(['/popups']);
  });

  it('is told that nobody wants notifications, as people do, instead of having no such interface', async () => {
    expect((await fixture.render('/notifications')).html).toContain('<p id="p">denied</p>');
  });

  it('shows no files of this machine', async () => {
    const { html: written } = await fixture.render('/files');
    expect(written).toContain('here');
    expect(written).not.toContain('root:');
  });
});

describe('a page without an end', () => {
  it.each(['/endless', '/microtasks', '/never'])(
    '%s is given up in time and does not spoil the next render',
    async (path) => {
      const begun = performance.now();
      await expect(fixture.render(path)).rejects.toMatchObject({ code: 'timeout' });
      expect(performance.now() - begun).toBeLessThan(timeoutMs + 1000);
      expect((await fixture.render('/')).status).toBe(200);
    },
  );

  it.skipIf(process.platform !== 'linux')('leaves no process behind', async () => {
    const renderers = async () =>
      [...(await chromiumProcesses()).members.values()].filter((line) => line.includes('--type=renderer')).length;
    const before = await renderers();
    await expect(fixture.render('/endless')).rejects.toMatchObject({ code: 'timeout' });
    expect((await fixture.render('/')).status).toBe(200);
    // Chromium may keep one in reserve.
    await until(async () => (await renderers()) <= before + 1, 10_000);
  });

  it('is given up at once when nobody waits for it any more', async () => {
    const leaver = new AbortController();
    const rendering = fixture.room.renderer.render(fixture.job('/endless'), leaver.signal);
    setTimeout(() => leaver.abort(), 200);
    const begun = performance.now();
    await expect(rendering).rejects.toMatchObject({ code: 'aborted' });
    expect(performance.now() - begun).toBeLessThan(1000);
    expect((await fixture.render('/')).status).toBe(200);
  });
});
