import { BlockList, isIP, isIPv4 } from 'node:net';
import type { Clock } from '../clock.ts';

/**
 * The questions to a name server; `dns.promises.Resolver` answers them. Its `reverse` is not among them: it says "not found" for a
 * server that is silent or broken too, and would make forgers of crawlers on a bad day.
 */
export interface NameServer {
  resolvePtr(name: string): Promise<readonly string[]>;
  resolve4(name: string): Promise<readonly string[]>;
  resolve6(name: string): Promise<readonly string[]>;
}

/** Whether an address is one of a crawler's by its name. `unknown`: the name servers did not say. */
export type NameVerdict = 'confirmed' | 'refuted' | 'unknown';

/** Whoever can set a reverse name can set a thousand; nobody's crawler has more than a few. */
const maxNames = 4;

/**
 * Forward-confirmed reverse DNS: the address has a name under one of the suffixes, and that name has the address. The reverse name
 * alone says nothing, since whoever owns the address writes it. Never rejects; takes no longer than `limitMs`.
 */
export function checkName(
  address: string,
  suffixes: readonly string[],
  { names, clock, limitMs }: { readonly names: NameServer; readonly clock: Clock; readonly limitMs: number },
): Promise<NameVerdict> {
  return new Promise((resolve) => {
    const cancel = clock.after(limitMs, () => resolve('unknown'));
    confirm(address, suffixes, names)
      .catch((cause): NameVerdict => (isAnswer(cause) ? 'refuted' : 'unknown'))
      .then(resolve)
      .finally(cancel);
  });
}

async function confirm(address: string, suffixes: readonly string[], names: NameServer): Promise<NameVerdict> {
  const claimed = (await names.resolvePtr(reverseName(address)))
    .filter((name) => isUnder(name, suffixes))
    .slice(0, maxNames);
  const verdicts = await Promise.all(claimed.map((name) => hasAddress(name, address, names)));
  if (verdicts.includes('confirmed')) return 'confirmed';
  return verdicts.includes('unknown') ? 'unknown' : 'refuted';
}

async function hasAddress(name: string, address: string, names: NameServer): Promise<NameVerdict> {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  try {
    const found = family === 'ipv6' ? await names.resolve6(name) : await names.resolve4(name);
    // An IPv6 address has many spellings; the list compares what they mean.
    const own = new BlockList();
    own.addAddress(address, family);
    return found.some((other) => own.check(other, family)) ? 'confirmed' : 'refuted';
  } catch (cause) {
    return isAnswer(cause) ? 'refuted' : 'unknown';
  }
}

/** Where the name of an address is found (RFC 1035 §3.5, RFC 3596 §2.5). */
function reverseName(address: string): string {
  if (isIPv4(address)) return `${address.split('.').reverse().join('.')}.in-addr.arpa`;
  const [head = '', tail = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const [before, after] = [head, tail].map((part) => (part === '' ? [] : part.split(':'))) as [string[], string[]];
  const groups = [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
  const nibbles = groups.map((group) => group.padStart(4, '0')).join('');
  return `${[...nibbles].reverse().join('.')}.ip6.arpa`;
}

/** Below a suffix on the boundary of a label: neither `evilgooglebot.com` nor `googlebot.com.example` is below `googlebot.com`. */
export function isUnder(name: string, suffixes: readonly string[]): boolean {
  const plain = name.toLowerCase().replace(/\.$/, '');
  return suffixes.some((suffix) => plain.endsWith(`.${suffix}`));
}

/** "There is none" is an answer; a timeout or a broken server is not. */
function isAnswer(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && (cause.code === 'ENOTFOUND' || cause.code === 'ENODATA');
}
