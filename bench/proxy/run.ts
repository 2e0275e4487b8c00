/**
 * Compares Preface with nginx and with http-proxy on this machine and writes bench/RESULTS.md.
 * `npm run bench:proxy -- --rounds 5 --seconds 4 --connections 64`
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Contestant, startField } from './contestants.ts';
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
const warmUpSeconds = 1;

for (const command of ['nginx', 'wrk']) ensureInstalled(command);

const rows: (Row & { samples: Sample[] })[] = [];
// Everybody starts anew in each round: two processes of the same program differ by a third for as long as they live. Within a round the
// contestants take turns, so that a busy minute is everyone's.
for (let round = 1; round <= rounds; round += 1) {
  await using field = await startField();
  for (const contestant of field.contestants) {
    for (const page of field.pages) {
      const { pid, baseUrl, userAgent } = contestant;
      const load = { url: baseUrl + page, connections, userAgent };
      await measure(pid, { ...load, seconds: warmUpSeconds });
      const sample = await measure(pid, { ...load, seconds });
      samplesOf(contestant, page).push(sample);
      console.log(
        `round ${round}  ${contestant.name}  ${page}  ${sample.requestsPerSecond.toFixed(0)}/s  p99 ${sample.p99Ms.toFixed(2)} ms  ${sample.cpuMicros.toFixed(1)} µs`,
      );
    }
  }
}
writeFileSync(values.output, report(rows, { rounds, seconds, connections }));
console.log(`written: ${values.output}`);

function samplesOf(contestant: Contestant, page: string): Sample[] {
  const known = rows.find((row) => row.contestant.name === contestant.name && row.page === page);
  if (known !== undefined) return known.samples;
  const samples: Sample[] = [];
  rows.push({ contestant, page, samples });
  return samples;
}

function ensureInstalled(command: string): void {
  if (succeeds(`command -v ${command}`)) return;
  if (process.getuid?.() !== 0 || !succeeds('command -v apt-get'))
    throw new Error(`${command} is needed: apt-get install ${command}`);
  execFileSync('apt-get', ['install', '-y', '--no-install-recommends', command], { stdio: 'inherit' });
}

function succeeds(script: string): boolean {
  return spawnSync('sh', ['-c', script], { stdio: 'ignore' }).status === 0;
}
