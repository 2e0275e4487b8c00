import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Canary, startCanary } from '../browser/canary.ts';
import {
  chromiumPath,
  launchChromium,
  startEgressBrowser,
  startSite,
  type TestSite,
} from '../browser/egress-browser.ts';
import { renderFixture } from '../browser/render-fixture.ts';
import { disguisedHosts, wayOutSite } from '../browser/ways-out.ts';
import { generous, siteAt, stoppedClock } from '../egress/support.ts';

// A page tries every way out that a browser has (ways-out.ts). Listeners on this machine, over TCP and UDP, note every
// knock. First the ways are tried without the egress, to know that they are ways; then with it.

let canary: Canary;
let origin: TestSite;

beforeEach(async () => {
  canary = await startCanary();
  origin = await startSite(wayOutSite({ port: canary.port, hosts: disguisedHosts }));
});

afterEach(async () => {
  await canary.close();
  await origin.close();
});

/** The names of the ways that led to the canary. */
function waysTaken(): Set<string> {
  const paths = canary.hits.map(
    (hit) => /tcp \S+ (?:GET|POST) \/([\w-]+)/.exec(hit)?.[1] ?? hit.split(' ', 1)[0] ?? '',
  );
  return new Set(paths);
}

describe('without the egress', () => {
  it('the ways are ways: the canary hears them', async () => {
    const browser = await launchChromium([
      '--no-proxy-server',
      '--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests',
    ]);
    const page = await browser.newPage();
    await page.goto(`${origin.url.href}page`, { waitUntil: 'domcontentloaded' });
    await page.waitForFunction('window.tried', { timeout: 60_000, polling: 100 });
    await browser.close();

    const taken = waysTaken();
    const expected = [
      'fetch',
      'fetch-cors',
      'fetch-post',
      'fetch-keepalive',
      'fetch-redirected',
      'xhr',
      'xhr-sync',
      'beacon',
      'events',
      'image',
      'image-redirected',
      'srcset',
      'script',
      'module',
      'import',
      'stylesheet',
      'prefetch',
      'preload',
      'preload-fetch',
      'json-module',
      'picture',
      'table-background',
      'input-image',
      'fetch-later',
      'link-blank',
      'socket-stream',
      'worker-xhr',
      'worker-events',
      'modulepreload',
      'css-import',
      'css-font',
      'css-background',
      'css-image-set',
      'css-mask',
      'css-list',
      'css-content',
      'font-face',
      'frame',
      'frame-redirected',
      'frame-srcdoc',
      'frame-refresh',
      'object',
      'embed',
      'video',
      'poster',
      'audio',
      'svg-image',
      'form',
      'ping',
      'socket',
      'worker',
      'worker-import',
      'worker-blob',
      'shared-worker',
      'service-worker',
      'cache-add',
      'csp-report',
      'udp',
      'host',
    ];
    expect(expected.filter((way) => !taken.has(way))).toEqual([]);
  });
});

const builds = [chromiumPath, '/usr/lib/chromium/chromium'].filter((path) => existsSync(path));

describe.each(builds)('with the egress alone, in %s', (executablePath) => {
  it('no way leads out, and the page still completes', async () => {
    const clock = stoppedClock();
    const answers = new Map([['rebind.test', [['127.0.0.3'], ['127.0.0.1'], ['127.0.0.3', '127.0.0.1']]]]);
    const chromium = await startEgressBrowser(
      {
        clock,
        // A name that changes its mind: first to an address that may be reached (where nobody listens), then to the canary's.
        privateNetworks: ['127.0.0.3/32'],
        resolve: async (name) => {
          clock.advance(31_000);
          return answers.get(name)?.shift() ?? ['127.0.0.1', '::1'];
        },
      },
      executablePath,
    );
    const { page, exit } = await chromium.openTab();
    for (let round = 0; round < 3; round++) {
      const traffic = exit.begin({ site: siteAt(origin.url), ...generous });
      await page.goto('https://www.example.com/page', { waitUntil: 'domcontentloaded' });
      // Not by animation frames: the window that the page opens hides it, and a hidden page has none.
      await page.waitForFunction('window.tried', { timeout: 60_000, polling: 100 });
      expect(await page.title()).toBe('tried everything');
      expect(traffic.end().filter(({ verdict }) => verdict === 'refused').length).toBeGreaterThan(100);
    }
    // What a page left running goes on trying once the render is over.
    const late = (url: string) => fetch(url).then(String, () => 'failed');
    expect(await page.evaluate(late, `http://127.0.0.1:${canary.port}/late`)).toBe('failed');
    expect(await page.evaluate(late, 'https://www.example.com/late')).toBe('failed');
    await chromium.close();
    expect(canary.hits).toEqual([]);
  });
});

describe.each(builds)('a render of such a page, in %s', (executablePath) => {
  it('completes, and nothing was reached', async () => {
    const handle = wayOutSite({ port: canary.port, hosts: disguisedHosts });
    const settings = { chromiumPath: executablePath, timeoutMs: 60_000, maxRequests: 2_000 };
    await using fixture = await renderFixture(handle, settings);
    const snapshot = await fixture.render('/page');
    expect(snapshot.status).toBe(200);
    expect(snapshot.html).toContain('<p>page</p>');
    expect(snapshot.inputs.filter(({ verdict }) => verdict === 'refused').length).toBeGreaterThan(100);
    expect(canary.hits).toEqual([]);
  });
});
