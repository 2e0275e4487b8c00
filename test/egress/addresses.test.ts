import { describe, expect, it } from 'vitest';
import { addressKind, networkList, readAddress } from '../../src/egress/addresses.ts';

const kindOf = (text: string) => {
  const address = readAddress(text);
  return address === undefined ? 'invalid' : addressKind(address);
};

describe('the kind of an address', () => {
  it.each([
    ['8.8.8.8', 'public'],
    ['93.184.216.34', 'public'],
    ['2606:2800:220:1:248:1893:25c8:1946', 'public'],
    ['172.15.255.255', 'public'],
    ['172.32.0.1', 'public'],
    ['100.63.255.255', 'public'],
    ['100.128.0.1', 'public'],
    ['0.0.0.0', 'unspecified'],
    ['0.1.2.3', 'unspecified'],
    ['::', 'unspecified'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['::1', 'loopback'],
    ['10.1.2.3', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['fd12:3456::1', 'private'],
    ['fec0::1', 'private'],
    ['100.64.0.1', 'shared'],
    ['169.254.1.1', 'link-local'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local'],
    ['169.254.169.254', 'metadata'],
    ['169.254.170.2', 'metadata'],
    ['168.63.129.16', 'metadata'],
    ['100.100.100.200', 'metadata'],
    ['fd00:ec2::254', 'metadata'],
    ['224.0.0.251', 'multicast'],
    ['ff02::fb', 'multicast'],
    ['192.0.2.1', 'documentation'],
    ['198.51.100.7', 'documentation'],
    ['203.0.113.9', 'documentation'],
    ['2001:db8::1', 'documentation'],
    ['198.18.0.1', 'reserved'],
    ['240.0.0.1', 'reserved'],
    ['255.255.255.255', 'reserved'],
    ['4000::1', 'reserved'],
    ['2002:7f00:1::', 'transition'],
    ['2001:0:4136:e378:8000:63bf:3fff:fdd2', 'transition'],
    ['64:ff9b:1::7f00:1', 'transition'],
    ['not an address', 'invalid'],
    ['127.1', 'invalid'],
  ])('%s is %s', (text, kind) => {
    expect(kindOf(text)).toBe(kind);
  });

  it.each([
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:7f00:1', 'loopback'],
    ['0:0:0:0:0:ffff:a9fe:a9fe', 'metadata'],
    ['::ffff:8.8.8.8', 'public'],
    ['::127.0.0.1', 'loopback'],
    ['::ffff:0:10.0.0.1', 'private'],
    ['64:ff9b::7f00:1', 'loopback'],
    ['64:ff9b::10.0.0.1', 'private'],
    ['64:ff9b::8.8.8.8', 'public'],
  ])('%s is judged by the address that it carries: %s', (text, kind) => {
    expect(kindOf(text)).toBe(kind);
  });
});

describe('a list of networks', () => {
  it('names the entry that it cannot read', () => {
    for (const entry of ['10.0.0.0/33', 'example.com', '10.0.0.0/', '::/129', '10.0.0/8', '']) {
      expect(() => networkList(['127.0.0.1', entry]), entry).toThrow(`not a network in CIDR notation: ${entry}`);
    }
  });
});
