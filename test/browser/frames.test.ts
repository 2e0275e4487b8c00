import { existsSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { launchChromium } from '../../src/render/chromium-process.ts';
import { isHeadlessShell } from '../../src/render/find-chromium.ts';
import { renderFixture } from './render-fixture.ts';
import { chromiumPath } from './settle-harness.ts';

const fullChromium = '/usr/lib/chromium/chromium';
const html = (body: string) => `<!doctype html><title>t</title><body>${body}`;

describe('frames of many tabs', () => {
  it.skipIf(!isHeadlessShell(chromiumPath))(
    'a page that never ends its own is given up for the sake of the others, and theirs come',
    async () => {
      await using fixture = await renderFixture(
        (request, response) => {
          response.setHeader('content-type', 'text/html');
          const endless = 'requestAnimationFrame(()=>{for(;;);})';
          const ordinary =
            "new IntersectionObserver(([one])=>one.isIntersecting&&document.body.append('SEEN')).observe(x)";
          response.end(html(`<p id=x>x</p><script>${request.url === '/endless' ? endless : ordinary}</script>`));
        },
        { timeoutMs: 30_000 },
      );
      await fixture.engine.warm();
      const endless = fixture.render('/endless').catch((cause: unknown) => cause);
      const others = async () => {
        const pages: string[] = [];
        for (let n = 0; n < 400; n++) {
          const ended = await Promise.race([endless, Promise.resolve(undefined)]);
          if (ended !== undefined) break;
          pages.push((await fixture.render(`/${n}`)).html);
        }
        return pages;
      };
      for (const page of await others()) expect(page).toContain('SEEN');
      expect(await endless).toMatchObject({ code: 'crash', message: expect.stringContaining('held up') });
    },
  );

  it('a script that takes long after it has asked for a frame is no reason to give its page up', async () => {
    await using fixture = await renderFixture((request, response) => {
      response.setHeader('content-type', 'text/html');
      const long =
        "requestAnimationFrame(()=>document.body.append('DONE'));for(const t=performance.now();performance.now()-t<1500;);";
      const ordinary = "requestAnimationFrame(()=>requestAnimationFrame(()=>document.body.append('DONE')))";
      response.end(html(`<p>x</p><script>${request.url === '/long' ? long : ordinary}</script>`));
    });
    await fixture.engine.warm();
    const long = fixture.render('/long');
    const beganAt = performance.now();
    const other = await fixture.render('/other');
    const tookMs = performance.now() - beganAt;
    expect(other.html).toContain('DONE');
    expect((await long).html).toContain('DONE');
    expect(tookMs).toBeLessThan(1400);
  });

  it.each([
    ['what comes on sight', "new IntersectionObserver(([one]) => one.isIntersecting && add('DONE')).observe(a)"],
    ['what is measured', "new ResizeObserver((_, all) => { all.disconnect(); add('DONE'); }).observe(a)"],
    [
      'what is told of painting',
      "new PerformanceObserver((_, all) => { all.disconnect(); add('DONE'); }).observe({ type: 'paint', buffered: true })",
    ],
    [
      'what asks for painting again and again',
      "(function poll() { performance.getEntriesByType('paint').length ? add('DONE') : setTimeout(poll, 20); })()",
    ],
    [
      'what a worker does in a frame',
      "new Worker(URL.createObjectURL(new Blob(['requestAnimationFrame(()=>postMessage(1))']))).onmessage = () => add('DONE')",
    ],
    [
      'what comes on sight while an image is loading',
      "const i = new Image(); i.src = '/image'; document.body.append(i); new IntersectionObserver(([one], all) => { if (one.isIntersecting) { all.disconnect(); fetch('/image-may-end').then(() => add('DONE')); } }).observe(a)",
    ],
  ])('%s is on the page', async (_, script) => {
    const image = Promise.withResolvers<void>();
    await using fixture = await renderFixture(async (request, response) => {
      if (request.url === '/image-may-end') image.resolve();
      if (request.url === '/image') await image.promise;
      if (request.url?.startsWith('/image')) return void response.end();
      response.setHeader('content-type', 'text/html');
      response.end(html(`<p id="a">x</p><script>const add = (word) => document.body.append(word); ${script}</script>`));
    });
    expect((await fixture.render('/')).html.replace(/<script.*/s, '')).toContain('DONE');
  });
});

it.skipIf(!existsSync(fullChromium))(
  'a Chromium that cannot do what its name promises is let to do as it does',
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'preface-test-'));
    const program = path.join(folder, 'chrome-headless-shell');
    await symlink(fullChromium, program);
    const settings = { path: program, sandbox: process.getuid?.() !== 0, spki: '', launchMs: 20_000, niceness: 0 };
    const chromium = await launchChromium(settings, systemClock);
    try {
      expect(chromium.frames).toBeUndefined();
      await chromium.ping(5000);
    } finally {
      await chromium.end();
      await rm(folder, { recursive: true });
    }
  },
);
