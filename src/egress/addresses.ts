import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** What an address is for (IANA special-purpose registries); only `public` may be reached without being named. */
export type AddressKind =
  | 'public'
  | 'unspecified'
  | 'loopback'
  | 'private'
  | 'shared'
  | 'link-local'
  | 'metadata'
  | 'multicast'
  | 'documentation'
  | 'transition'
  | 'reserved'
  | 'invalid';

/** A numeric address in the form in which it is judged. */
export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

/** In order of precedence: the first network that holds the address names its kind. */
const networks: readonly (readonly [AddressKind, readonly string[]])[] = [
  // Cloud metadata services, where they are not link-local anyway (Azure, Oracle, Alibaba; EC2 over IPv6).
  ['metadata', ['169.254.169.254/32', '169.254.170.2/32', '168.63.129.16/32', '192.0.0.192/32']],
  ['metadata', ['100.100.100.200/32', 'fd00:ec2::/32']],
  ['unspecified', ['0.0.0.0/8', '::/128']],
  ['loopback', ['127.0.0.0/8', '::1/128']],
  ['private', ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fec0::/10']],
  ['shared', ['100.64.0.0/10']],
  ['link-local', ['169.254.0.0/16', 'fe80::/10']],
  ['multicast', ['224.0.0.0/4', 'ff00::/8']],
  ['documentation', ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32', '3fff::/20']],
  // Addresses that carry another one inside and would be unpacked by some relay on the way.
  ['transition', ['192.88.99.0/24', '2002::/16', '2001::/32', '64:ff9b:1::/48']],
  ['reserved', ['192.0.0.0/24', '198.18.0.0/15', '240.0.0.0/4', '2001::/23']],
];

/** Every network that is not the public internet. */
export const specialNetworks: readonly string[] = networks.flatMap(([, list]) => list);

const judges = networks.map(([kind, list]) => [kind, networkList(list)] as const);
const globalUnicast = networkList(['2000::/3']);

/** Networks in CIDR notation; a bare address means itself. Throws a TypeError that names the entry that is wrong. */
export function networkList(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', length] = entry.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    const widest = family === 'ipv6' ? 128 : 32;
    const prefix = length === undefined ? widest : Number(length);
    const valid = (isIPv4(address) || isIPv6(address)) && /^\d{1,3}$/.test(length ?? '0') && prefix <= widest;
    if (!valid) throw new TypeError(`not a network in CIDR notation: ${entry}`);
    list.addSubnet(address, prefix, family);
  }
  return list;
}

export function inNetworks(list: BlockList, { address, family }: Address): boolean {
  return list.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

export function addressKind(address: Address): AddressKind {
  const found = judges.find(([, list]) => inNetworks(list, address));
  if (found !== undefined) return found[0];
  return address.family === 6 && !inNetworks(globalUnicast, address) ? 'reserved' : 'public';
}

/**
 * The address to judge: an IPv4 address inside an IPv6 one (mapped, compatible, translated, NAT64 of RFC 6052) is
 * taken out, since that is where the packets end. NAT64 is how an IPv6-only machine reaches public IPv4 hosts.
 */
export function readAddress(text: string): Address | undefined {
  if (isIPv4(text)) return { address: text, family: 4 };
  const bare = text.replace(/%.*$/, '');
  if (!isIPv6(bare)) return undefined;
  const groups = groupsOf(bare);
  const head = groups.slice(0, 6).join(':');
  const [high = 0, low = 0] = groups.slice(6);
  if (!carriesIPv4.has(head) || (head === zeros && high === 0 && low <= 1)) return { address: bare, family: 6 };
  return { address: [high >> 8, high & 255, low >> 8, low & 255].join('.'), family: 4 };
}

const zeros = '0:0:0:0:0:0';
/** The first 96 bits, as decimal groups: compatible, mapped, translated (RFC 2765), NAT64 (64:ff9b::/96). */
const carriesIPv4 = new Set([zeros, '0:0:0:0:0:65535', '0:0:0:0:65535:0', `${0x64}:${0xff9b}:0:0:0:0`]);

/** The eight 16-bit groups of a valid IPv6 address. */
function groupsOf(address: string): number[] {
  const hex = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...bytes: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.map(Number);
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
  const [front = '', back] = hex.split('::');
  const left = front === '' ? [] : front.split(':');
  const right = back === undefined || back === '' ? [] : back.split(':');
  const filled = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return filled.map((group) => Number.parseInt(group, 16));
}
