import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** A network in CIDR notation. */
export interface Prefix {
  readonly address: string;
  readonly length: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** `66.249.64.0/27`, `2001:4860:4801:10::/64`; undefined for anything else. */
export function readPrefix(text: string): Prefix | undefined {
  const [address = '', digits = '', ...rest] = text.split('/');
  if (!/^\d{1,3}$/.test(digits) || rest.length > 0) return undefined;
  const length = Number(digits);
  if (isIPv4(address)) return length <= 32 ? { address, length, family: 'ipv4' } : undefined;
  return isIPv6(address) && length <= 128 ? { address, length, family: 'ipv6' } : undefined;
}

export function listOf(prefixes: readonly Prefix[]): BlockList {
  const list = new BlockList();
  for (const { address, length, family } of prefixes) list.addSubnet(address, length, family);
  return list;
}

export function listHolds(list: BlockList, address: string): boolean {
  if (isIPv4(address)) return list.check(address, 'ipv4');
  return isIPv6(address) && list.check(address, 'ipv6');
}

/** Knows which addresses are those of the public internet, given the networks that are for something else. */
export interface PublicInternet {
  hasAddress(address: string): boolean;
  /** Whether all of a network is public: two networks meet only where one holds the other's first address. */
  hasAllOf(prefix: Prefix): boolean;
}

export function publicInternet(specialNetworks: readonly string[]): PublicInternet {
  const special = specialNetworks.flatMap((text) => readPrefix(text) ?? []);
  const specials = listOf(special);
  const globalUnicast = listOf([{ address: '2000::', length: 3, family: 'ipv6' }]);

  function hasAddress(address: string): boolean {
    if (isIPv4(address)) return !listHolds(specials, address);
    return listHolds(globalUnicast, address) && !listHolds(specials, address);
  }

  return {
    hasAddress,
    hasAllOf(prefix) {
      const own = listOf([prefix]);
      return hasAddress(prefix.address) && !special.some(({ address }) => listHolds(own, address));
    },
  };
}
