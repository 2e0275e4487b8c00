import type { BlockList } from 'node:net';
import { type Address, type AddressKind, addressKind, inNetworks, networkList, readAddress } from './addresses.ts';
import { type HostMatcher, hostMatcher } from './host-patterns.ts';

/** Why a request may not leave. The same word stands in the event and in `X-Preface-Egress`. */
export type RefusalReason =
  | Exclude<AddressKind, 'public'>
  /** Neither http nor https. */
  | 'scheme'
  /** Named in `denyHosts`. */
  | 'denied-host'
  /** One of Preface's own listeners. */
  | 'own-port'
  /** The name has no address. */
  | 'unresolved'
  /** Not between a render's begin and end. */
  | 'no-render'
  /** The render has used up its requests or bytes. */
  | 'request-limit'
  | 'byte-limit'
  /** Not a request that a browser sends. */
  | 'malformed';

export type Decision =
  /** Connect to these addresses and no others. */
  | { readonly kind: 'allow'; readonly addresses: readonly Address[] }
  | { readonly kind: 'refuse'; readonly because: RefusalReason };

export interface PolicyRules {
  readonly allowHosts: HostMatcher;
  readonly denyHosts: HostMatcher;
  readonly privateNetworks: BlockList;
  /** Addresses of this machine's own interfaces. */
  readonly ownAddresses: BlockList;
  readonly ownPorts: readonly number[];
}

/** Throws when an entry cannot be understood. */
export function policyRules(
  lists: { allowHosts: readonly string[]; denyHosts: readonly string[]; privateNetworks: readonly string[] },
  ownAddresses: readonly string[],
): Omit<PolicyRules, 'ownPorts'> {
  return {
    allowHosts: hostMatcher(lists.allowHosts),
    denyHosts: hostMatcher(lists.denyHosts),
    privateNetworks: networkList(lists.privateNetworks),
    ownAddresses: networkList(ownAddresses.map((address) => address.replace(/%.*$/, ''))),
  };
}

/** What can be said of a URL before its name is resolved; undefined when the addresses must be asked. */
export function refusedByName(url: URL, rules: Pick<PolicyRules, 'denyHosts'>): RefusalReason | undefined {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'scheme';
  return rules.denyHosts(url.hostname, portOf(url)) ? 'denied-host' : undefined;
}

/**
 * May this URL, whose host resolved to these addresses, be reached? One bad answer among several refuses all:
 * a name with a public and a private address is either broken or a rebinding attack.
 */
export function decide(url: URL, answers: readonly string[], rules: PolicyRules): Decision {
  const byName = refusedByName(url, rules);
  if (byName !== undefined) return { kind: 'refuse', because: byName };
  if (answers.length === 0) return { kind: 'refuse', because: 'unresolved' };

  const port = portOf(url);
  const named = rules.allowHosts(url.hostname, port);
  const addresses: Address[] = [];
  for (const answer of answers) {
    const address = readAddress(answer);
    if (address === undefined) return { kind: 'refuse', because: 'invalid' };
    const because = refusedAddress(address, port, named, rules);
    if (because !== undefined) return { kind: 'refuse', because };
    // The connection goes to the answer itself: a NAT64 address is judged by what it holds, but reached as it is.
    addresses.push({ address: answer, family: answer.includes(':') ? 6 : 4 });
  }
  return { kind: 'allow', addresses };
}

function refusedAddress(address: Address, port: number, named: boolean, rules: PolicyRules): RefusalReason | undefined {
  const kind = addressKind(address);
  const own = kind === 'loopback' || kind === 'unspecified' || inNetworks(rules.ownAddresses, address);
  // Allowing a host or a network never opens Preface's own listeners.
  if (own && rules.ownPorts.includes(port)) return 'own-port';
  if (kind === 'public' || named || inNetworks(rules.privateNetworks, address)) return undefined;
  return kind;
}

function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}
