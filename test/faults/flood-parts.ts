// The programs beside Preface in flood.test.ts, each a process of its own so that none of them holds up another:
//   node flood-parts.ts origin                              the application; prints its port
//   node flood-parts.ts people <url> <seconds>              asks at a steady rate, prints how long the answers took
//   node flood-parts.ts flood <url> <seconds> <perSecond>   asks for a new page each time, as readers that it is not
//   node flood-parts.ts verified <url> <seconds>            asks for new pages as a reader that it can be shown to be
import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { putSessionFirst } from '../fixtures/priority.ts';
import { spaHandler } from '../fixtures/spa.ts';

/** What one program saw. */
export interface Seen {
  /** Milliseconds from asking to the last byte, in order of size, without what was asked in the first second. */
  readonly times: readonly number[];
  /** By how many milliseconds this program was late to ask, in order of size: what it has waited for a processor itself. */
  readonly late: readonly number[];
  /** How many answers were of each kind: `200 page`, `200 shell`, `error`. */
  readonly answers: Readonly<Record<string, number>>;
}

export const peoplePerSecond = 100;
const verifiedPerSecond = 2;
/** All programs start together, on the same processors: how long that takes says nothing about the proxy. */
const startMs = 1000;
const person = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const googlebot = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';
/** In the published ranges. */
const itsAddress = '66.249.66.1';
const spoofed = [
  googlebot,
  'Twitterbot/1.0',
  'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)',
];

const [role, url = '', seconds = '0', perSecond = '0'] = process.argv.slice(2);
if (role !== undefined) await play(role);

async function play(part: string): Promise<void> {
  if (part === 'origin') return serve();
  putSessionFirst(process.pid);
  const agent = new Agent({ keepAlive: true, maxSockets: 1_000 });
  const ask = (path: string, headers: Record<string, string>) => () => answered(`${url}${path}`, headers, agent);
  const run = `${Date.now().toString(36)}`;
  const plays: Record<string, (n: number) => () => Promise<string>> = {
    people: (n) => ask(`/lamps/${n % 50}`, { 'user-agent': person, accept: 'text/html' }),
    flood: (n) =>
      ask(`/flood/${run}-${n}`, {
        'user-agent': spoofed[n % spoofed.length] ?? '',
        'x-forwarded-for': `${1 + (n % 200)}.${(n >> 3) & 255}.${(n * 7) & 255}.9`,
      }),
    verified: (n) => ask(`/wanted/${run}-${n}`, { 'user-agent': googlebot, 'x-forwarded-for': itsAddress }),
  };
  const rates: Record<string, number> = {
    people: peoplePerSecond,
    flood: Number(perSecond),
    verified: verifiedPerSecond,
  };
  const seen = await atRate(rates[part] ?? 1, Number(seconds), plays[part] ?? (() => async () => 'no such part'));
  agent.destroy();
  process.stdout.write(`${JSON.stringify(seen)}\n`);
}

function serve(): void {
  putSessionFirst(process.pid);
  const server = createServer(spaHandler).listen(0, '127.0.0.1', () => {
    process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
  });
}

/** Asks so many times a second whether or not the answers come: a slow answer must not hold back the next question. */
async function atRate(perSecond: number, seconds: number, ask: (n: number) => () => Promise<string>): Promise<Seen> {
  const times: number[] = [];
  const late: number[] = [];
  const answers: Record<string, number> = {};
  const open = new Set<Promise<void>>();
  const beganAt = performance.now();
  let asked = 0;
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const elapsedMs = performance.now() - beganAt;
      if (elapsedMs >= seconds * 1000) {
        clearInterval(timer);
        return resolve();
      }
      for (; asked < (elapsedMs / 1000) * perSecond; asked++) {
        const dueMs = (asked / perSecond) * 1000;
        const counts = dueMs >= startMs;
        if (counts) late.push(performance.now() - beganAt - dueMs);
        const one = timed(ask(asked)).then(({ ms, kind }) => {
          if (counts) times.push(ms);
          answers[kind] = (answers[kind] ?? 0) + 1;
          open.delete(one);
        });
        open.add(one);
      }
    }, 5);
  });
  await Promise.all(open);
  return { times: inOrder(times), late: inOrder(late), answers };
}

function inOrder(numbers: readonly number[]): number[] {
  return numbers.toSorted((a, b) => a - b);
}

async function timed(ask: () => Promise<string>): Promise<{ ms: number; kind: string }> {
  const beganAt = performance.now();
  const kind = await ask().catch(() => 'error');
  return { ms: performance.now() - beganAt, kind };
}

async function answered(target: string, headers: Record<string, string>, agent: Agent): Promise<string> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(target, { headers, agent }).once('error', reject).once('response', resolve).end();
  });
  await buffer(response);
  const [how = 'nothing'] = String(response.headers['x-preface'] ?? '').split(';', 1);
  return `${response.statusCode} ${how}`;
}
