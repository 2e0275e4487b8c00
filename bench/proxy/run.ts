/**
 * Compares Preface with nginx and with http-proxy on this machine and writes bench/RESULTS.md.
 * `npm run bench:proxy -- --rounds 5 --seconds 4 --connections 64`
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startField } from './contestants.ts';
import { measure, type Sample } from './load.ts';
import { type Row, report } from './results.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    connections: { type: 'string', default: '64' },
    output: { type: 'string', default: join(import.meta.dirname, '..', 'RESULTS.md') },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const connections = Number(values.connections);

for (const command of ['nginx', 'wrk']) ensureInstalled(command);
await using field = await startField();

const rows: (Row & { samples: Sample[] })[] = field.contestants.flatMap((contestant) =>
  field.pages.map((page) => ({ contestant, page, samples: [] })),
);
// The first round warms up and is thrown away; then the contestants take turns, so that a busy minute is everyone's.
for (let round = 0; round <= rounds; round += 1) {
  for (const { contestant, page, samples } of rows) {
    const { pid, baseUrl, userAgent } = contestant;
    const sample = await measure(pid, { url: baseUrl + page, seconds, connections, userAgent });
    if (round > 0) samples.push(sample);
    console.log(
      `${round === 0 ? 'warm-up' : `round ${round}`}  ${contestant.name}  ${page}  ${sample.requestsPerSecond.toFixed(0)}/s  p99 ${sample.p99Ms.toFixed(2)} ms  ${sample.cpuMicros.toFixed(1)} µs`,
    );
  }
}
writeFileSync(values.output, report(rows, { rounds, seconds, connections }));
console.log(`written: ${values.output}`);

function ensureInstalled(command: string): void {
  if (succeeds(`command -v ${command}`)) return;
  if (process.getuid?.() !== 0 || !succeeds('command -v apt-get'))
    throw new Error(`${command} is needed: apt-get install ${command}`);
  execFileSync('apt-get', ['install', '-y', '--no-install-recommends', command], { stdio: 'inherit' });
}

function succeeds(script: string): boolean {
  return spawnSync('sh', ['-c', script], { stdio: 'ignore' }).status === 0;
}
