// `npm run bench:egress`: what the egress costs a page. The same pages are loaded through it and without it, by one Chromium, in turns.
//   --rounds 8  --loads 20
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { CDPSession, Page } from 'puppeteer';
import { systemClock } from '../../src/clock.ts';
import { createEgress } from '../../src/egress/egress.ts';
import type { TabExit } from '../../src/egress/exit.ts';
import { pageTarget } from '../../src/page/page-key.ts';
import type { Site } from '../../src/page/site.ts';
import { type ChromiumProcess, launchChromium } from '../../src/render/chromium-process.ts';
import { signInToExit } from '../../src/render/exit-sign-in.ts';
import { findChromium } from '../../src/render/find-chromium.ts';
import { createRenderEngine, type RenderEngine } from '../../src/render/render-engine.ts';
import { engineSettings } from '../../test/browser/render-fixture.ts';
import { closedEgress } from '../../test/fixtures/egress-settings.ts';
import { cpuSeconds } from '../../test/fixtures/process-tree.ts';

const { values: flags } = parseArgs({
  options: { rounds: { type: 'string', default: '8' }, loads: { type: 'string', default: '20' } },
});
const rounds = Number(flags.rounds);
const loads = Number(flags.loads);

/** A way to load pages: one tab. */
interface Lane {
  readonly name: string;
  load(path: string): Promise<void>;
}

interface Sample {
  readonly cpuMs: number;
  /** The part of it that is not Chromium's: a tenth of the whole, and steadier. */
  readonly hereMs: number;
  readonly wallMs: number;
}

const chromiumPath = await findChromium({ env: process.env });
if (chromiumPath === undefined) throw new Error('no Chromium was found');
const origin = spawn(process.execPath, [join(import.meta.dirname, 'site.ts')], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const [port] = await once(origin.stdout, 'data');
const originUrl = new URL(`http://127.0.0.1:${Number(port)}`);
const egress = await createEgress(closedEgress({ assetCacheBytes: 64_000_000 }));
const chromium = await launchChromium(
  { path: chromiumPath.path, sandbox: process.getuid?.() !== 0, spki: egress.spki, launchMs: 30_000, niceness: 0 },
  systemClock,
);
const engine = createRenderEngine(
  { ...engineSettings, tabs: 1, chromiumPath: chromiumPath.path },
  { egress, clock: systemClock, report: () => {} },
);
try {
  const lanes = [
    await directly(chromium),
    await throughEgress('through the egress, http', 'http://www.example.com'),
    await throughEgress('through the egress, https', 'https://www.example.com'),
    asRender(engine, 'https://www.example.com'),
  ];
  for (const kind of ['kept', 'unkept']) console.log(report(kind, lanes, await inTurns(lanes, kind)));
} finally {
  await engine.close();
  await chromium.end();
  await egress.close();
  origin.kill();
}

/** Every round goes through all lanes, beginning with another one each time; the first round warms up and is thrown away. */
async function inTurns(all: readonly Lane[], kind: string): Promise<Map<Lane, Sample[]>> {
  const samples = new Map(all.map((lane) => [lane, [] as Sample[]]));
  for (let round = 0; round <= rounds; round++) {
    for (const lane of [...all.slice(round % all.length), ...all.slice(0, round % all.length)]) {
      const sample = await measured(lane, kind);
      if (round > 0) samples.get(lane)?.push(sample);
    }
  }
  return samples;
}

/** CPU of this process, which holds the egress, and of all of Chromium; the origin is neither's. */
async function measured(lane: Lane, kind: string): Promise<Sample> {
  const originCpu = cpuSeconds(origin.pid ?? 0);
  const cpu = cpuSeconds(process.pid) - originCpu;
  const here = process.cpuUsage();
  const beganAt = performance.now();
  for (let n = 0; n < loads; n++) await lane.load(`/${kind}/page-${n}`);
  const wallMs = (performance.now() - beganAt) / loads;
  const { user, system } = process.cpuUsage(here);
  const cpuMs = ((cpuSeconds(process.pid) - cpuSeconds(origin.pid ?? 0) - cpu) * 1000) / loads;
  return { wallMs, cpuMs, hereMs: (user + system) / 1000 / loads };
}

/** Medians, and what a load through the egress costs more than one without, as a share of a whole render that has no egress. */
function report(kind: string, all: readonly Lane[], samples: Map<Lane, Sample[]>): string {
  const [bare, plain, secure, render] = all.map((lane) => samples.get(lane) ?? []);
  const lines = all.map((lane) => {
    const of = (what: keyof Sample) => median((samples.get(lane) ?? []).map((sample) => sample[what])).toFixed(1);
    return `  ${lane.name.padEnd(28)} CPU ${of('cpuMs').padStart(6)} ms (${of('hereMs').padStart(4)} here)   wall ${of('wallMs').padStart(6)} ms`;
  });
  const share = (by: readonly Sample[] = [], what: keyof Sample, of: keyof Sample = what) => {
    const shares = by.map((sample, n) => {
      const more = sample[what] - (bare?.[n]?.[what] ?? 0);
      return more / ((render?.[n]?.[of] ?? 0) - (sample[of] - (bare?.[n]?.[of] ?? 0)));
    });
    return `${(median(shares) * 100).toFixed(1)} %`;
  };
  return [
    `assets that are ${kind}: medians of ${rounds} rounds of ${loads} loads`,
    ...lines,
    `  on a render: CPU ${share(plain, 'cpuMs')} (http), ${share(secure, 'cpuMs')} (https); wall ${share(plain, 'wallMs')}, ${share(secure, 'wallMs')}`,
    `  of that CPU, in the process of the egress: ${share(plain, 'hereMs', 'cpuMs')}, ${share(secure, 'hereMs', 'cpuMs')}`,
  ].join('\n');
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return ((sorted[middle] ?? 0) + (sorted[sorted.length - 1 - middle] ?? 0)) / 2;
}

async function directly({ browser }: ChromiumProcess): Promise<Lane> {
  const context = await browser.createBrowserContext({ proxyServer: 'direct://', proxyBypassList: ['<-loopback>'] });
  const page = await context.newPage();
  const session = await page.createCDPSession();
  return { name: 'without', load: (path) => loaded(page, session, originUrl.origin, path) };
}

async function throughEgress(name: string, publicUrl: string): Promise<Lane> {
  const exit = await egress.openTab();
  const context = await chromium.browser.createBrowserContext({
    proxyServer: exit.proxyServer,
    proxyBypassList: ['<-loopback>'],
  });
  const page = await context.newPage();
  const session = await page.createCDPSession();
  await session.send('Page.enable');
  await session.send('Network.enable');
  await signInToExit(session, exit);
  await session.send('Network.disable');
  const url = new URL(publicUrl);
  return { name, load: (path) => inTraffic(exit, siteOf(url), () => loaded(page, session, url.origin, path)) };
}

function asRender({ renderer }: RenderEngine, publicUrl: string): Lane {
  const site = siteOf(new URL(publicUrl));
  return {
    name: 'a whole render, https',
    async load(path) {
      const target = pageTarget(site, path, 'desktop', () => true);
      if (target === undefined) throw new Error(`not a path: ${path}`);
      await renderer.render({ target, priority: 'interactive', client: '' }, new AbortController().signal);
    },
  };
}

async function inTraffic(exit: TabExit, site: Site, load: () => Promise<void>): Promise<void> {
  const traffic = exit.begin({ site, documentUrl: site.publicUrl.href, maxBytes: 50_000_000, maxRequests: 1_000 });
  await load();
  traffic.end();
}

/** What a render does with a page, without what does not depend on where its bytes come from. */
async function loaded(page: Page, session: CDPSession, base: string, path: string): Promise<void> {
  await page.goto(base + path, { waitUntil: 'load' });
  // Not at each frame, which is the default: Chromium produces none that nobody asks for.
  await page.waitForFunction(() => document.title === 'done', { polling: 'mutation' });
  const html = await page.content();
  if (!html.includes('row 24')) throw new Error('the page is not complete');
  await session.send('Storage.clearDataForOrigin', { origin: base, storageTypes: 'all' });
}

function siteOf(publicUrl: URL): Site {
  return { publicUrl, originUrl, hosts: [publicUrl.host] };
}
