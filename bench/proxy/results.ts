import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { median } from '../median.ts';
import type { Contestant } from './contestants.ts';
import type { Sample } from './load.ts';

export interface Row {
  readonly contestant: Contestant;
  readonly page: string;
  readonly samples: readonly Sample[];
}

export interface Conditions {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
}

/** The goals that the design has set: a ratio of medians, and what it should be. */
const goals = [
  { what: 'pass-through / nginx', of: 'Preface, pass-through', to: 'nginx, proxy_pass', goal: '≥ 0.6', p99Goal: '' },
  { what: 'pass-through / http-proxy', of: 'Preface, pass-through', to: 'http-proxy 1.18.1', goal: '≥ 2', p99Goal: '' },
  {
    what: 'cache hits / nginx proxy_cache',
    of: 'Preface, cache hits',
    to: 'nginx, proxy_cache',
    goal: '≥ 0.75',
    p99Goal: '≤ 2',
  },
] as const;

/** The report: ratios first, since absolute numbers belong to one machine. */
export function report(rows: readonly Row[], { rounds, seconds, connections }: Conditions): string {
  const pages = [...new Set(rows.map(({ page }) => page))];
  const figure = (name: string, page: string, of: keyof Sample) =>
    median(
      (rows.find((row) => row.contestant.name === name && row.page === page)?.samples ?? []).map(
        (sample) => sample[of],
      ),
    );
  const ratio = (of: string, to: string, page: string, what: keyof Sample) =>
    (figure(of, page, what) / figure(to, page, what)).toFixed(2);
  const ratios = goals.flatMap(({ what, of, to, goal, p99Goal }) =>
    pages.map((page) => [
      what,
      page,
      ratio(of, to, page, 'requestsPerSecond'),
      goal,
      ratio(of, to, page, 'p99Ms'),
      p99Goal,
      ratio(to, of, page, 'cpuMicros'),
    ]),
  );
  const figures = rows.map(({ contestant: { name }, page }) => [
    name,
    page,
    figure(name, page, 'requestsPerSecond').toFixed(0),
    figure(name, page, 'p50Ms').toFixed(2),
    figure(name, page, 'p99Ms').toFixed(2),
    figure(name, page, 'cpuMicros').toFixed(1),
  ]);
  return `# Proxy benchmark

Written by \`npm run bench:proxy\` on ${new Date().toISOString().slice(0, 10)}. Medians of ${rounds} rounds of ${seconds} s, every process new in each; ${connections} connections, one wrk thread.
Every contestant is one process in front of the same nginx, which serves two static pages of 1 KB and 10 KB; no access logs.
${machine()} Load generator, origin and contestant share these processors.

## Ratios
${table(['compared', 'page', 'requests/s', 'goal', 'p99 (lower is better)', 'its goal', 'requests per processor second'], ratios)}

The last column compares processor time per request, which other work on the machine changes less than throughput.

## Figures
${table(['contestant', 'page', 'requests/s', 'p50 ms', 'p99 ms', 'processor µs/request'], figures)}

## Versions
${versions()}
`;
}

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function machine(): string {
  const memory = Math.round(os.totalmem() / 2 ** 30);
  const load = os.loadavg()[0]?.toFixed(1);
  return `Machine: ${os.cpus().length} processors (${os.cpus()[0]?.model}), ${memory} GB, load average ${load} at the end.`;
}

function versions(): string {
  return [
    `Node ${process.version}`,
    `http-proxy ${packageVersion('http-proxy')}`,
    commandVersion('nginx', '-v'),
    commandVersion('wrk', '-v'),
  ].join(' · ');
}

function packageVersion(name: string): string {
  const file = join(import.meta.dirname, '..', '..', 'node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** The first line that a command says of itself; both commands say it on standard error or with a failing status. */
function commandVersion(command: string, flag: string): string {
  const text = execFileSync('sh', ['-c', `${command} ${flag} 2>&1 || true`], { encoding: 'utf8' });
  return (
    text
      .split('\n', 1)[0]
      ?.replace(/\s*\[.*|\s*Copyright.*/g, '')
      .trim() ?? command
  );
}
