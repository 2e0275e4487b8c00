import { afterAll, beforeAll, expect, it } from 'vitest';
import { headerValue } from '../../src/page/headers.ts';
import { html, type RenderFixture, renderFixture } from './render-fixture.ts';

const goTo = (path: string, more = '') =>
  html(`<p>page</p><script>history.replaceState(0, '', '${path}');${more}</script>`);
const sign404 = `
  const sign = document.createElement('meta');
  sign.name = 'prerender-status-code';
  sign.content = '404';
  document.head.append(sign);`;

const pages: Readonly<Record<string, string>> = {
  '/a': goTo('/a/'),
  '/x': goTo('/404', sign404),
  '/p': goTo('/elsewhere'),
};

let fixture: RenderFixture;
beforeAll(async () => {
  fixture = await renderFixture(
    (request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end(pages[request.url ?? ''] ?? html('<p>another page</p>'));
    },
    { tabs: 1 },
  );
  await fixture.engine.warm();
});
afterAll(() => fixture[Symbol.asyncDispose]());

it('a router that only adds a slash is on the same page: no reader is sent to and fro', async () => {
  const snapshot = await fixture.render('/a');
  expect(snapshot).toMatchObject({ status: 200, html: expect.stringContaining('<p>page</p>') });
});

it('a router that goes to its page for what is missing is heard when that page says 404', async () => {
  const snapshot = await fixture.render('/x');
  expect(snapshot).toMatchObject({ status: 404, html: expect.stringContaining('<p>page</p>') });
  expect(headerValue(snapshot.headers, 'location')).toBeUndefined();
});

it('a router that goes to another path is a redirect', async () => {
  const snapshot = await fixture.render('/p');
  expect(snapshot).toMatchObject({ status: 302, html: '' });
  expect(headerValue(snapshot.headers, 'location')).toBe('https://shop.example/elsewhere');
});
