import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPreface, type TestPreface } from '../fixtures/preface.ts';
import { startOrigin, type TestOrigin } from '../fixtures/spa.ts';
import { type Answer, exchangeRaw, parseAnswer, publicHost, rawGet } from '../origin/edge.ts';
import { poisons, poisonWord, readerLine } from './poisons.ts';

// An application that writes whatever it is told by a request into its page: what of a poisoned request reached the renderer shows.

let origin: TestOrigin;
let preface: TestPreface;
let port: number;
let untouched: ReturnType<typeof visible>;

beforeAll(async () => {
  origin = await startOrigin((request, response) => {
    const told = JSON.stringify([request.method, request.url, request.rawHeaders, Object.keys(request.headers)]);
    const safe = told.replaceAll('<', '\\u003c');
    if (request.url?.startsWith('/api')) {
      response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'seen=1' }).end(told);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': 'visit=1' }).end(`<!doctype html>
      <html><head><title>page</title><link rel=canonical href="${request.url?.split('?')[0]}"></head><body><main></main>
      <script type="application/ld+json">${safe}</script>
      <script>
        const add = (text) => { const p = document.createElement('p'); p.textContent = text; document.querySelector('main').append(p) };
        add(location.href); add(document.cookie); add(document.referrer); add(navigator.language);
        fetch('/api').then((answer) => answer.text()).then(add);
      </script></body></html>`);
  });
  preface = await startPreface({ origin: origin.url, publicUrl: `http://${publicHost}` });
  port = Number(new URL(preface.trafficUrl).port);
  untouched = visible(await clean('/page/000'), '/page/000');
});

afterAll(async () => {
  await preface.close();
  await origin.close();
});

const clean = async (path: string) => parseAnswer(await exchangeRaw(port, rawGet(path, [readerLine])));

/** Of one answer alone: when, how fast, and by what names it was given. */
const ownFields = /^(?:date|age|last-modified|etag|cache-status|server-timing|x-request-id)$/i;

/** What a client can see of an answer, whatever the page is called. */
function visible({ status, fields, body }: Answer, path: string) {
  const kept = fields.filter(([name]) => !ownFields.test(name)).map((field) => field.join(': '));
  return { status, fields: kept, body: body.replaceAll(path, '/page/NNN') };
}

describe('after a request with', () => {
  it.each(poisons.map(({ name, request }, index) => [name, request, index + 1] as const))(
    '%s, the next reader sees no difference',
    async (_name, request, number) => {
      const path = `/page/${String(number).padStart(3, '0')}`;
      await exchangeRaw(port, request(path));
      const next = await clean(path);
      expect(visible(next, path)).toEqual(untouched);
      expect(`${next.head}${next.body}`).not.toContain(poisonWord);
    },
  );
});

describe('the table of poisons', () => {
  it('is long, and each has a name of its own', () => {
    expect(poisons.length).toBeGreaterThan(100);
    expect(new Set(poisons.map(({ name }) => name)).size).toBe(poisons.length);
  });

  it('is about pages that are rendered and kept', async () => {
    expect(untouched.status).toBe(200);
    expect(untouched.body).toContain('/page/NNN</p>');
    expect((await clean('/page/000')).field('cache-status')).toMatch(/^Preface; hit/);
  });
});
