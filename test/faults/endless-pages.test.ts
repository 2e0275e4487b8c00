import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { html, type RenderFixture, renderFixture } from '../browser/render-fixture.ts';
import { treeOf } from '../fixtures/process-tree.ts';

// Pages that would take all time and all memory there is. Each ends with its limit, and the next page is rendered as ever.

const timeoutMs = 5_000;
const endless: Readonly<Record<string, string>> = {
  'a loop without end': 'while (true);',
  'microtasks without end': 'const again = () => Promise.resolve().then(again); again()',
  'a million elements': 'for (let n = 0; n < 1e6; n++) document.body.append(document.createElement("p"))',
  'elements without end':
    'setInterval(() => { for (let n = 0; n < 1000; n++) document.body.append("text ", document.createElement("i")) })',
  'a string that takes all memory':
    'let all = "x".repeat(2 ** 28); const held = []; while (true) held.push(all + held.length + "y".repeat(2 ** 20))',
  'arrays that take all memory': 'const held = []; while (true) held.push(new Array(1e6).fill(held.length))',
  'a document that writes itself': 'const write = () => { document.write("<p>more"); setTimeout(write) }; write()',
  'requests without end': 'const ask = () => fetch("/data?" + Math.random()).then(ask, ask); ask(); ask(); ask()',
  'a request that waits for ever': 'const xhr = new XMLHttpRequest(); xhr.open("GET", "/never", false); xhr.send()',
  'dialogs without end': 'while (true) alert("again")',
  'reloads without end': 'location.reload()',
  'places without end': 'let n = 0; setInterval(() => history.pushState({}, "", "/place-" + n++))',
  'frames in frames':
    'if (self === top || location.search.length < 200) { const f = document.createElement("iframe"); f.src = location.pathname + location.search + (location.search ? "a" : "?a"); document.body.append(f) }',
  'workers without end': 'setInterval(() => new Worker(URL.createObjectURL(new Blob(["while(true);"]))), 50)',
  'windows without end': 'setInterval(() => open("/other"), 1)',
  'a scroll without end':
    'new IntersectionObserver((entries, o) => entries.forEach((e) => { if (!e.isIntersecting) return; const p = document.createElement("p"); p.textContent = "more"; p.style.height = "500px"; document.body.append(p); o.observe(p) })).observe(document.body.appendChild(document.createElement("p")))',
};

let fixture: RenderFixture;

beforeAll(async () => {
  fixture = await renderFixture(
    (request, response) => {
      const path = new URL(request.url ?? '/', 'http://origin').pathname;
      if (path === '/never') return;
      if (path === '/data') return void response.writeHead(200, { 'content-type': 'text/plain' }).end('data');
      const script = endless[decodeURIComponent(path.slice(1))] ?? '';
      response.writeHead(200, { 'content-type': 'text/html' }).end(html(`<h1>text</h1><script>${script}</script>`));
    },
    { timeoutMs, maxRequests: 300 },
  );
  await fixture.engine.warm();
});
afterAll(() => fixture[Symbol.asyncDispose]());

describe.runIf(existsSync('/proc/self/stat'))('a page with', () => {
  it.each(Object.keys(endless))('%s ends in time, and the next page is rendered as ever', async (name) => {
    const beganAt = performance.now();
    const outcome = await fixture.render(`/${encodeURIComponent(name)}`).then(
      (snapshot) => `rendered, ${Math.round(snapshot.html.length / 1000)} kB`,
      (error: Error & { code?: string }) => `failed: ${error.code}`,
    );
    const tookMs = Math.round(performance.now() - beganAt);
    const next = performance.now();
    expect((await fixture.render('/good')).html).toContain('<h1>text</h1>');
    const nextMs = Math.round(performance.now() - next);
    process.stdout.write(`${name.padEnd(34)} ${outcome.padEnd(24)} ${tookMs} ms, the next page ${nextMs} ms\n`);
    expect(tookMs).toBeLessThan(timeoutMs + 1_500);
    expect(nextMs).toBeLessThan(4_000);
  });

  it('leaves no process behind', async () => {
    await fixture.render('/good');
    // Chromium's own few, and one a tab.
    expect(treeOf(process.pid).length).toBeLessThan(25);
  });
});
