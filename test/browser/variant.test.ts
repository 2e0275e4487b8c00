import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Variant } from '../../src/page/variant.ts';
import { attachLoadSettler } from '../fakes/load-settler.ts';
import { pictureSize } from '../fixtures/pictures.ts';
import { html, type Pages, type RenderFixture, renderFixture } from './render-fixture.ts';

const asked: { url: string; agent: string; hints: unknown }[] = [];

const facts = `<pre id="facts"></pre><script src="/app.js"></script><script>
const facts = {
  size: innerWidth + 'x' + innerHeight,
  zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  offset: new Date(2026, 0, 1).getTimezoneOffset(),
  agent: navigator.userAgent,
  brands: navigator.userAgentData?.brands.length ?? 0,
  density: devicePixelRatio,
  app: window.app,
};
document.getElementById('facts').textContent = JSON.stringify(facts);
</script>`;

const viewport = '<meta name="viewport" content="width=device-width">';

const pages: Pages = (request, response) => {
  const { url = '' } = request;
  const agent = request.headers['user-agent'] ?? '';
  asked.push({ url, agent, hints: request.headers['sec-ch-ua'] });
  if (url === '/app.js') {
    // Without `Vary`, as a server has it that takes its clients for browsers.
    response.writeHead(200, { 'content-type': 'text/javascript', 'cache-control': 'max-age=600', etag: '"v1"' });
    return void response.end(`window.app = ${JSON.stringify(agent)}`);
  }
  if (url === '/moved') return void response.writeHead(302, { location: '/' }).end();
  response.writeHead(200, { 'content-type': 'text/html' });
  const event = /^\/hangs-on-(\w+)$/.exec(url)?.[1];
  if (event !== undefined) response.end(html(`<p>page</p><script>on${event} = () => { for (;;); }</script>`));
  else if (url === '/long') response.end(html('<div style="height:30000px">long</div>', viewport));
  else if (url === '/middling')
    response.end(html('<div style="height:2500px">page</div>', `${viewport}<style>body{margin:0}</style>`));
  else if (url === '/wide') response.end(html('<div style="width:3000px">page</div>'));
  else if (url === '/hero')
    response.end(html('<div style="height:100vh">page</div>', `${viewport}<style>body{margin:0}</style>`));
  else response.end(html(facts, viewport));
};

let fixture: RenderFixture;
beforeAll(async () => {
  fixture = await renderFixture(pages, { tabs: 1 }, attachLoadSettler);
  await fixture.engine.warm();
});
afterAll(() => fixture[Symbol.asyncDispose]());

function render(path: string, variant: Variant, device: 'desktop' | 'mobile' = 'desktop') {
  return fixture.room.renderer.render({ ...fixture.job(path, device), variant }, new AbortController().signal);
}

const read = (page: string) => JSON.parse(/<pre id="facts">([^<]*)/.exec(page)?.[1] ?? '{}');
const factsOf = async (variant: Variant) => read((await render('/', variant)).html);
const usual = async () => read((await fixture.render('/')).html);
const retired = () => fixture.events.filter((event) => event.type === 'tab.retired').length;

describe('a render that is otherwise', () => {
  it('has the window and the time zone that were asked for, and the next one in the same tab has the usual ones', async () => {
    const before = await usual();
    const here = await factsOf({ width: 640, height: 480, timeZone: 'Asia/Tashkent' });
    expect(here).toMatchObject({ size: '640x480', zone: 'Asia/Tashkent', offset: -300 });
    expect(await usual()).toEqual(before);
    expect(await factsOf({ timeZone: 'America/St_Johns' })).toMatchObject({ size: '1280x4000', offset: 210 });
    expect(await factsOf({ width: 800 })).toMatchObject({ size: '800x4000', offset: before.offset });
    expect(await usual()).toEqual(before);
    expect(retired()).toBe(0);
  });

  it('says one user agent to the application and the page, with no client hints of another, and only this once', async () => {
    const before = await usual();
    asked.length = 0;
    const here = await factsOf({ userAgent: 'Kiosk/7' });
    expect(here).toMatchObject({ agent: 'Kiosk/7', brands: 0, app: 'Kiosk/7' });
    // Only full Chromium asks for an icon.
    expect(asked.filter(({ url }) => url !== '/favicon.ico')).toEqual([
      { url: '/', agent: 'Kiosk/7', hints: undefined },
      { url: '/app.js', agent: 'Kiosk/7', hints: undefined },
    ]);
    expect(await usual()).toEqual(before);
    expect(await usual()).toEqual(before);
  });

  it('takes no file from what another user agent was given, however long that may be kept', async () => {
    await usual();
    expect((await factsOf({ userAgent: 'Kiosk/8' })).app).toBe('Kiosk/8');
    expect((await factsOf({ userAgent: 'Kiosk/9' })).app).toBe('Kiosk/9');
    expect((await usual()).app).toMatch(/Preface/);
  });
});

describe('a picture', () => {
  const png = { format: 'png', wholePage: false } as const;
  const whole = { format: 'png', wholePage: true } as const;
  const sizeOf = async (path: string, variant: Variant, device?: 'mobile') =>
    pictureSize((await render(path, variant, device)).picture);

  it('has the size that was asked for', async () => {
    expect(await sizeOf('/', { width: 333, height: 222, picture: png })).toBe('png 333x222');
    expect(await sizeOf('/', { width: 333, height: 222, picture: { ...png, format: 'jpeg' } })).toBe('jpeg 333x222');
    expect(await sizeOf('/', { width: 320, height: 640, picture: png }, 'mobile')).toBe('png 320x640');
    expect(await sizeOf('/wide', { width: 320, height: 640, picture: png }, 'mobile')).toBe('png 320x640');
  });

  it('else has that of a first screen', async () => {
    expect(await sizeOf('/', { picture: png })).toBe('png 1280x900');
    expect(await sizeOf('/', { picture: png }, 'mobile')).toBe('png 412x915');
  });

  it('is of the whole page where that was asked for, and bounded', async () => {
    expect(await sizeOf('/middling', { width: 500, picture: whole })).toBe('png 500x2500');
    expect(await sizeOf('/middling', { width: 320, picture: whole }, 'mobile')).toBe('png 320x2500');
    expect(await sizeOf('/long', { width: 400, picture: whole })).toBe('png 400x16384');
    expect(await sizeOf('/long', { width: 3072, picture: { ...whole, format: 'jpeg' } })).toBe('jpeg 3072x8192');
  });

  it('shows a part that is as high as the window as high as an ordinary window', async () => {
    expect(await sizeOf('/hero', { picture: whole })).toBe('png 1280x900');
  });

  it('comes beside the HTML that readers get', async () => {
    const { html: usualHtml } = await fixture.render('/');
    const { html: pictured } = await render('/', { picture: png });
    expect(pictured).toBe(usualHtml);
  });

  it('can be a PDF', async () => {
    const { picture } = await render('/', { picture: { format: 'pdf', wholePage: false } });
    expect(pictureSize(picture)).toBe('pdf');
  });

  it.each([
    ['/hangs-on-resize', png],
    ['/hangs-on-beforeprint', { format: 'pdf', wholePage: false }],
  ] as const)('is given up in time where the page has no end when it is taken: %s', async (path, picture) => {
    await using hurried = await renderFixture(pages, { tabs: 1, timeoutMs: 2000 }, attachLoadSettler);
    await hurried.engine.warm();
    const job = { ...hurried.job(path), variant: { picture } };
    const taken = hurried.room.renderer.render(job, new AbortController().signal);
    await expect(taken).rejects.toMatchObject({ code: 'timeout' });
    expect((await hurried.render('/')).status).toBe(200);
  });

  it('is not made of a redirect', async () => {
    const { status, picture } = await render('/moved', { picture: png });
    expect({ status, picture }).toEqual({ status: 302, picture: undefined });
  });
});
