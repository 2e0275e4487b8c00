import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPreface, type TestPreface } from '../fixtures/preface.ts';
import { startOrigin, type TestOrigin } from '../fixtures/spa.ts';

// Chromium says what a request is for only to secure origins, so what is told from a document by that is told otherwise on plain HTTP.

const frame = `<!doctype html><title>page</title><pre>waiting</pre><script>
  addEventListener('message', ({ data }) => { document.querySelector('pre').textContent = data });
</script><iframe src="/framed"></iframe>`;

const once = `<!doctype html><title>page</title><pre>first</pre><script>document.cookie = 'seen=1'; location.reload()</script>`;

describe.each(['https://www.shop.example', 'http://www.shop.example'])('an application known as %s', (publicUrl) => {
  let origin: TestOrigin;
  let preface: TestPreface;

  beforeAll(async () => {
    origin = await startOrigin((request, response) => {
      const moves =
        ['/moved', '/framed'].includes(request.url ?? '') ||
        (request.url === '/reloads' && request.headers.cookie?.includes('seen=1'));
      if (moves) return void response.writeHead(302, { location: `/at-last?from=${request.url}` }).end('moved');
      response.writeHead(200, { 'content-type': 'text/html' });
      if (request.url === '/frames') response.end(frame);
      else if (request.url === '/reloads') response.end(once);
      else
        response.end(`<!doctype html><title>there</title><script>parent.postMessage('from the frame', '*')</script>`);
    });
    preface = await startPreface({ origin: origin.url, publicUrl, render: { tabs: 1 } });
  });

  afterAll(async () => {
    await preface.close();
    await origin.close();
  });

  const ask = (path: string) => preface.ask(path, { 'user-agent': 'Twitterbot/1.0', host: 'www.shop.example' });

  it.each([
    ['the first answer', '/moved', ['GET /moved']],
    ['the answer to a reload', '/reloads', ['GET /reloads', 'GET /reloads']],
  ])('has its own redirect followed by the reader and not by the render: %s', async (_, path, asked) => {
    const { status, headers } = await ask(path);
    expect([status, headers.location]).toEqual([302, `${publicUrl}/at-last?from=${path}`]);
    expect(origin.requests.filter((request) => request.includes(path))).toEqual(asked);
  });

  it("has a frame's redirect followed by the render", async () => {
    const { status, body } = await ask('/frames');
    expect(status).toBe(200);
    expect(body.toString()).toContain('<pre>from the frame</pre>');
    expect(origin.requests).toContain('GET /at-last?from=/framed');
  });
});
