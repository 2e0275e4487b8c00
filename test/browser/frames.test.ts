import { existsSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { launchChromium } from '../../src/render/chromium-process.ts';
import { renderFixture } from './render-fixture.ts';

const fullChromium = '/usr/lib/chromium/chromium';
const html = (body: string) => `<!doctype html><title>t</title><body>${body}`;

describe('frames of many tabs', () => {
  it('a page that never ends its own holds up the others only for a while', async () => {
    await using fixture = await renderFixture((request, response) => {
      response.setHeader('content-type', 'text/html');
      const endless = 'requestAnimationFrame(()=>{for(;;);})';
      const ordinary = "requestAnimationFrame(()=>requestAnimationFrame(()=>document.body.append('DONE')))";
      response.end(html(`<p>x</p><script>${request.url === '/endless' ? endless : ordinary}</script>`));
    });
    await fixture.room.warm();
    const endless = fixture.render('/endless').catch((cause: unknown) => cause);
    const others = await Promise.all(['/1', '/2', '/3'].map((one) => fixture.render(one)));
    for (const { html } of others) expect(html).toContain('DONE');
    expect(await endless).toMatchObject({ code: expect.stringMatching(/^(crash|timeout)$/) });
  });

  it('what comes on sight, and what is told of painting, is on the page', async () => {
    await using fixture = await renderFixture((_, response) => {
      response.setHeader('content-type', 'text/html');
      response.end(
        html(`<p id="a">x</p><script>
          const add = (word) => document.body.append(word + ' ');
          new IntersectionObserver(([one], all) => { if (one.isIntersecting) { all.disconnect(); add('SEEN'); } }).observe(a);
          new ResizeObserver((_, all) => { all.disconnect(); add('MEASURED'); }).observe(a);
          new PerformanceObserver((list, all) => { all.disconnect(); add('PAINTED'); }).observe({ type: 'paint', buffered: true });
        </script>`),
      );
    });
    const page = await fixture.render('/');
    for (const word of ['SEEN', 'MEASURED', 'PAINTED']) expect(page.html).toContain(word);
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
