import { BlockList, isIP } from 'node:net';

/** A test for the addresses in a list of CIDR ranges and single addresses, IPv4-mapped forms included. */
export function createPeerTrust(ranges: readonly string[]): (address: string) => boolean {
  if (ranges.length === 0) return () => false;
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return (address) => {
    const plain = plainAddress(address);
    const family = isIP(plain);
    return family !== 0 && list.check(plain, family === 6 ? 'ipv6' : 'ipv4');
  };
}

/** The client behind the trusted proxies: from the right of `X-Forwarded-For`, the first address that is none of them. */
export function clientAddress(
  peer: string,
  forwardedFor: string | undefined,
  trustsPeer: (address: string) => boolean,
): string {
  const way = (forwardedFor ?? '').split(',').map((hop) => plainAddress(hop.trim()));
  let client = plainAddress(peer);
  while (trustsPeer(client)) {
    const before = way.pop();
    if (before === undefined || isIP(before) === 0) break;
    client = before;
  }
  return client;
}

/** Without brackets, port and the IPv4-mapped prefix. */
function plainAddress(text: string): string {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? (isIP(text) === 0 ? text.replace(/:\d+$/, '') : text);
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? bare;
}
