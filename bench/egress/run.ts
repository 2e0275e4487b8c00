// `npm run bench:egress`: what the egress costs a page. The same pages are loaded through it and without it, by one Chromium, in turns:
// a light page of seventeen requests, and the real applications of the corpus where that is there.
//   --rounds 8  --loads 20      of the light page
//   --application-rounds 3  --application-loads 2
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { TimeoutError } from 'puppeteer';
import { systemClock } from '../../src/clock.ts';
import { createEgress } from '../../src/egress/egress.ts';
import { launchChromium } from '../../src/render/chromium-process.ts';
import { findChromium } from '../../src/render/find-chromium.ts';
import { createRenderEngine } from '../../src/render/render-engine.ts';
import { engineSettings } from '../../test/browser/render-fixture.ts';
import { corpusMissing } from '../../test/fixtures/corpus.ts';
import { closedEgress } from '../../test/fixtures/egress-settings.ts';
import { cpuSeconds } from '../../test/fixtures/process-tree.ts';
import type { ServedApplication } from './applications.ts';
import { asRender, directly, type Lane, type Load, throughEgress } from './lanes.ts';
import { type Measured, reportOfAll, reportOfOne, type Sample } from './report.ts';

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '8' },
    loads: { type: 'string', default: '20' },
    'application-rounds': { type: 'string', default: '3' },
    'application-loads': { type: 'string', default: '2' },
  },
});
const often = { rounds: Number(flags.rounds), loads: Number(flags.loads) };
const seldom = { rounds: Number(flags['application-rounds']), loads: Number(flags['application-loads']) };

const chromiumPath = await findChromium({ env: process.env });
if (chromiumPath === undefined) throw new Error('no Chromium was found');
const light = await serve<number>('site.ts');
const applications = corpusMissing === undefined ? await serve<ServedApplication[]>('applications.ts') : undefined;
const servers = [light, ...(applications ? [applications] : [])];
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
    await throughEgress(chromium, egress, 'http'),
    await throughEgress(chromium, egress, 'https'),
    asRender(engine.renderer),
  ];
  for (const kind of ['kept', 'unkept']) {
    const measured = await inTurns(lanes, often, (n) => lightPage(kind, n));
    console.log(`assets that are ${kind}: medians of ${often.rounds} rounds of ${often.loads} loads`);
    console.log(reportOfOne(lanes, measured));
  }
  const measured: Measured[] = [];
  for (const load of await loadable(lanes[0] as Lane, (applications?.told ?? []).map(application)))
    measured.push(await inTurns(lanes, seldom, () => load));
  console.log(
    corpusMissing ?? `${measured.length} real applications, nothing kept: sums of medians of ${seldom.rounds} rounds`,
  );
  if (measured.length > 0) console.log(reportOfAll(lanes, measured));
} finally {
  await engine.close();
  await chromium.end();
  await egress.close();
  for (const { child } of servers) child.kill();
}

/** Starts a server as a process of its own. `told`: its first line. */
async function serve<T>(file: string) {
  const child = spawn(process.execPath, [join(import.meta.dirname, file)], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface(child.stdout)) return { child, told: JSON.parse(line) as T };
  throw new Error(`${file} ended before it served`);
}

function lightPage(kind: string, n: number): Load {
  return {
    originUrl: new URL(`http://127.0.0.1:${light.told}`),
    host: 'www.example.com',
    path: `/${kind}/page-${n}`,
    // The title comes last.
    mustContain: ['row 24', '<title>done</title>'],
    polling: 'mutation',
  };
}

function application({ name, origin, open, mustContain }: ServedApplication): Load {
  return { originUrl: new URL(origin), host: `${name}.example.com`, path: open, mustContain, polling: 50 };
}

/** Those that are complete without the egress. Chromium produces no frames here that nobody asks for, and some wait for one. */
async function loadable(lane: Lane, loads: readonly Load[]): Promise<Load[]> {
  const complete: Load[] = [];
  for (const load of loads) {
    try {
      await lane.load(load);
      complete.push(load);
    } catch (cause) {
      if (!(cause instanceof TimeoutError)) throw cause;
      console.log(`left out, never complete without frames: ${load.host}`);
    }
  }
  return complete;
}

/** Every round goes through all lanes, beginning with another one each time; the first round warms up and is thrown away. */
async function inTurns(
  all: readonly Lane[],
  { rounds, loads }: typeof often,
  page: (n: number) => Load,
): Promise<Measured> {
  const samples = new Map(all.map((lane) => [lane, [] as Sample[]]));
  for (let round = 0; round <= rounds; round++) {
    for (const lane of [...all.slice(round % all.length), ...all.slice(0, round % all.length)]) {
      const sample = await sampled(lane, loads, page);
      if (round > 0) samples.get(lane)?.push(sample);
    }
  }
  return samples;
}

/** CPU of this process, which holds the egress, and of all of Chromium; the servers are neither's. */
async function sampled(lane: Lane, loads: number, page: (n: number) => Load): Promise<Sample> {
  const beganCpu = cpuMsOfPrefaceAndChromium();
  const here = process.cpuUsage();
  const beganAt = performance.now();
  for (let n = 0; n < loads; n++) await lane.load(page(n));
  const wallMs = (performance.now() - beganAt) / loads;
  const { user, system } = process.cpuUsage(here);
  return {
    wallMs,
    cpuMs: (cpuMsOfPrefaceAndChromium() - beganCpu) / loads,
    hereMs: (user + system) / 1000 / loads,
  };
}

function cpuMsOfPrefaceAndChromium(): number {
  const ofServers = servers.reduce((sum, { child }) => sum + cpuSeconds(child.pid ?? 0), 0);
  return (cpuSeconds(process.pid) - ofServers) * 1000;
}
