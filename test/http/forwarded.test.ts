import { describe, expect, it } from 'vitest';
import { clientAddress, createPeerTrust } from '../../src/http/forwarded.ts';

describe('trust in a peer', () => {
  const trusts = createPeerTrust(['10.0.0.0/8', '192.168.1.7', 'fd00::/8', '::1']);
  it.each(['10.1.2.3', '192.168.1.7', '::ffff:10.1.2.3', 'fd00::1', '::1'])('includes %s', (address) => {
    expect(trusts(address)).toBe(true);
  });
  it.each(['11.0.0.1', '192.168.1.8', '::ffff:11.0.0.1', 'fe80::1', '', 'unknown'])('leaves out %j', (address) => {
    expect(trusts(address)).toBe(false);
  });
  it('is given to nobody by default', () => {
    expect(createPeerTrust([])('127.0.0.1')).toBe(false);
  });
});

describe('the address of a client', () => {
  const trusts = createPeerTrust(['10.0.0.0/8']);
  it.each<[string, string, string | undefined, string]>([
    ['the peer, when it is not trusted', '6.6.6.6', '66.249.66.1', '6.6.6.6'],
    ['what a trusted peer says', '10.0.0.1', '66.249.66.1', '66.249.66.1'],
    ['the last one that no trusted proxy has added', '10.0.0.1', '1.1.1.1, 66.249.66.1, 10.0.0.2', '66.249.66.1'],
    ['the peer, when it says nothing', '10.0.0.1', undefined, '10.0.0.1'],
    ['the peer, when what it says is no address', '10.0.0.1', 'unknown', '10.0.0.1'],
    ['without port and brackets', '::ffff:10.0.0.1', '[2001:db8::1]:443', '2001:db8::1'],
    ['without port', '10.0.0.1', '66.249.66.1:443', '66.249.66.1'],
  ])('is %s', (_what, peer, forwardedFor, expected) => {
    expect(clientAddress(peer, forwardedFor, trusts)).toBe(expected);
  });
});
