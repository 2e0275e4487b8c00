import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { holds } from '../../test/fixtures/corpus.ts';
import { cpuSeconds, machineCpuSeconds, memoryBytes } from '../../test/fixtures/process-tree.ts';
import type { Contestant } from './contestants.ts';
import type { Ask } from './pages.ts';

/** One request: to which port of this machine, with which target and `Host`. */
export interface Target {
  readonly port: number;
  readonly path: string;
  readonly host: string;
}

export interface Answer {
  readonly ask: Ask;
  readonly ms: number;
  /** Everything was in it, and its status was 200. */
  readonly complete: boolean;
  /** What was wrong with it, in words. */
  readonly lack?: string;
}

export interface Slot {
  readonly answers: readonly Answer[];
  readonly elapsedMs: number;
  readonly cpuSeconds: number;
  /** The most that all processes had together, looked at once a second. */
  readonly peakBytes: number;
  /** What everybody else on the machine used meanwhile, idle contestants included. */
  readonly foreignCpuSeconds: number;
}

const answerLimitMs = 60_000;
const userAgent = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';

/** Asks `atOnce` at a time, each next one as soon as there is an answer, as long as there are asks. */
export async function measure(contestant: Contestant, atOnce: number, next: () => Ask | undefined): Promise<Slot> {
  const agent = new Agent({ keepAlive: true });
  const answers: Answer[] = [];
  let peakBytes = memoryBytes(contestant.pid);
  const look = setInterval(() => {
    peakBytes = Math.max(peakBytes, memoryBytes(contestant.pid));
  }, 1_000);
  const cpuBefore = cpuSeconds(contestant.pid);
  const [machineBefore, ownBefore] = [machineCpuSeconds(), ownCpuSeconds()];
  const beganAt = performance.now();

  async function client(): Promise<void> {
    for (let ask = next(); ask !== undefined; ask = next()) answers.push(await answerTo(contestant, ask, agent));
  }
  await Promise.all(Array.from({ length: atOnce }, client));

  const elapsedMs = performance.now() - beganAt;
  const used = cpuSeconds(contestant.pid) - cpuBefore;
  const foreign = machineCpuSeconds() - machineBefore - (ownCpuSeconds() - ownBefore) - used;
  clearInterval(look);
  agent.destroy();
  return {
    answers,
    elapsedMs,
    cpuSeconds: used,
    peakBytes: Math.max(peakBytes, memoryBytes(contestant.pid)),
    foreignCpuSeconds: Math.max(0, foreign),
  };
}

function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

async function answerTo(contestant: Contestant, ask: Ask, agent: Agent): Promise<Answer> {
  const beganAt = performance.now();
  const lack = await get(contestant.target(ask.url), agent).then(
    ({ status, body }) => lackOf(ask, status, body),
    (cause: unknown) => String(cause),
  );
  const ms = performance.now() - beganAt;
  return lack === undefined ? { ask, ms, complete: true } : { ask, ms, complete: false, lack };
}

function lackOf({ mustContain }: Ask, status: number, body: string): string | undefined {
  if (status !== 200) return `status ${status}`;
  const missing = mustContain.filter((piece) => !holds(body, piece));
  return missing.length > 0 ? `lacks ${missing.join(', ')}` : undefined;
}

function get({ port, path, host }: Target, agent: Agent): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { host, 'user-agent': userAgent, accept: 'text/html' };
    request({ host: '127.0.0.1', port, path, headers, agent, signal: AbortSignal.timeout(answerLimitMs) })
      .once('error', reject)
      .once('response', (response) => {
        text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
      })
      .end();
  });
}
