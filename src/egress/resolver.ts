import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Clock } from '../clock.ts';
import { withoutRootDot } from './host-patterns.ts';

/** All addresses of a host name. May reject; that counts as none. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

/** Asks the system, as every other program on this machine does (hosts file included). */
export const systemResolve: Resolve = async (hostname) => {
  const answers = await lookup(hostname, { all: true, order: 'verbatim' });
  return answers.map(({ address }) => address);
};

const keepMs = 30_000;
const keepFailureMs = 5_000;
const timeoutMs = 5_000;
const maxNames = 2_000;

interface Known {
  readonly answers: readonly string[];
  readonly until: number;
}

/** The addresses of a URL's host, at once where they are known. Never rejects: no answer is an empty list. */
export type AddressesOf = (hostname: string) => readonly string[] | Promise<readonly string[]>;

/**
 * One question per name at a time, remembered for half a minute: long enough that the requests of a render agree.
 * What is remembered is judged anew each time it is used, and is what is connected to.
 */
export function createResolver(resolve: Resolve, clock: Clock): AddressesOf {
  const known = new Map<string, Known>();
  const asked = new Map<string, Promise<readonly string[]>>();

  async function ask(name: string): Promise<readonly string[]> {
    // `async` makes a resolver that throws at once into one that rejects, a turn after `asked` knows of it.
    const answers = await inTime((async () => resolve(name))(), clock).catch((): readonly string[] => []);
    asked.delete(name);
    if (known.size >= maxNames) known.clear();
    known.set(name, { answers, until: clock.now() + (answers.length > 0 ? keepMs : keepFailureMs) });
    return answers;
  }

  return function addressesOf(hostname) {
    const literal = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
    if (isIP(literal) !== 0) return [literal];
    const name = withoutRootDot(hostname);
    // Not a question for a name server (RFC 6761 §6.3), whatever it would say.
    if (name === 'localhost' || name.endsWith('.localhost')) return ['127.0.0.1', '::1'];
    const found = known.get(name);
    if (found !== undefined && clock.now() < found.until) return found.answers;
    let pending = asked.get(name);
    if (pending === undefined) {
      pending = ask(name);
      asked.set(name, pending);
    }
    return pending;
  };
}

function inTime<T>(answer: Promise<T>, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(timeoutMs, () => reject(new Error(`no answer within ${timeoutMs} ms`)));
    answer.then(resolve, reject).finally(cancel);
  });
}
