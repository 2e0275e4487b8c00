import { describe, expect, it } from 'vitest';
import { decide, type PolicyRules, policyRules } from '../../src/egress/policy.ts';

interface Lists {
  allowHosts?: string[];
  denyHosts?: string[];
  privateNetworks?: string[];
  ownPorts?: number[];
}

function rules({ allowHosts = [], denyHosts = [], privateNetworks = [], ownPorts = [] }: Lists = {}): PolicyRules {
  return { ...policyRules({ allowHosts, denyHosts, privateNetworks }, ['10.7.7.7', 'fe80::7%eth0']), ownPorts };
}

/** What is decided for a URL whose host is an address, or for a name with these answers. */
function verdict(text: string, answers?: string[], lists?: Lists): string {
  const url = new URL(text);
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  const decision = decide(url, answers ?? [literal], rules(lists));
  return decision.kind === 'allow' ? decision.addresses.map(({ address }) => address).join() : decision.because;
}

/** Ways to write an address of this machine, its network or its cloud; URL parsing makes them one, the policy refuses it. */
const disguises = [
  'http://127.0.0.1/',
  'http://127.1/',
  'http://127.0.1/',
  'http://0x7f.1/',
  'http://0x7f.0.0.1/',
  'http://0x7f000001/',
  'http://0X7F000001/',
  'http://2130706433/',
  'http://017700000001/',
  'http://0177.0.0.1/',
  'http://0177.0x0.0.1/',
  'http://127.0.0.1./',
  'http://127.000.000.001/',
  'http://%31%32%37.0.0.1/',
  'http://１２７.０.０.１/',
  'http://127。0。0。1/',
  'http://127．0．0．1/',
  'http://127｡0｡0｡1/',
  'http://①②⑦.0.0.1/',
  'http://127.0.0.1:80/',
  'http://user:pass@127.0.0.1/',
  'http://8.8.8.8@127.0.0.1/',
  'http:\\\\127.0.0.1\\',
  'http:127.0.0.1',
  'http://0/',
  'http://0.0.0.0/',
  'http://[::]/',
  'http://[::1]/',
  'http://[0:0:0:0:0:0:0:1]/',
  'http://[0000::0001]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
  'http://[0:0:0:0:0:ffff:127.0.0.1]/',
  'http://[::127.0.0.1]/',
  'http://[::7f00:1]/',
  'http://[::ffff:0:7f00:1]/',
  'http://[64:ff9b::7f00:1]/',
  'http://[64:ff9b::127.0.0.1]/',
  'http://[64:ff9b:1::7f00:1]/',
  'http://[2002:7f00:1::]/',
  'http://[2001:0:7f00:1::]/',
  'http://[fe80::1]/',
  'http://[fd00:ec2::254]/',
  'http://[fc00::1]/',
  'http://[ff02::1]/',
  'http://169.254.169.254/latest/meta-data/',
  'http://0xa9fea9fe/',
  'http://2852039166/',
  'http://0251.0376.0251.0376/',
  'http://[::ffff:a9fe:a9fe]/',
  'http://10.0.0.1/',
  'http://012.1/',
  'http://192.168.257/',
  'http://172.16.1/',
  'http://100.64.0.1/',
  'http://224.0.0.1/',
  'http://255.255.255.255/',
  'https://127.1:8443/',
];

describe('the policy', () => {
  it(`refuses all of ${disguises.length} spellings of addresses that are not public`, () => {
    expect(disguises.length).toBeGreaterThanOrEqual(40);
    const allowed = disguises.filter((text) => decide(new URL(text), [literalOf(text)], rules()).kind === 'allow');
    expect(allowed).toEqual([]);
  });

  it('allows public addresses, and says to which to connect', () => {
    expect(verdict('https://cdn.example.net/a.js', ['93.184.216.34', '2606:2800:220:1:248:1893:25c8:1946'])).toBe(
      '93.184.216.34,2606:2800:220:1:248:1893:25c8:1946',
    );
  });

  it('connects to a NAT64 address as it is, though it judges what is inside', () => {
    expect(verdict('https://cdn.example.net/', ['64:ff9b::5db8:d822'])).toBe('64:ff9b::5db8:d822');
  });

  it('refuses a name when one of its addresses is not public', () => {
    expect(verdict('http://rebind.example/', ['93.184.216.34', '127.0.0.1'])).toBe('loopback');
    expect(verdict('http://rebind.example/', ['93.184.216.34', 'fd00::1'])).toBe('private');
  });

  it('refuses a name that has no address, or something that is none', () => {
    expect(verdict('http://nowhere.example/', [])).toBe('unresolved');
    expect(verdict('http://strange.example/', ['127.1'])).toBe('invalid');
  });

  it('reaches what is named: a host, a port of a host, the hosts below one, a network', () => {
    const inside = ['10.0.0.9'];
    expect(verdict('http://api.internal/', inside, { allowHosts: ['api.internal'] })).toBe('10.0.0.9');
    expect(verdict('http://API.internal./', inside, { allowHosts: ['api.internal'] })).toBe('10.0.0.9');
    expect(verdict('http://api.internal:81/', inside, { allowHosts: ['api.internal:82'] })).toBe('private');
    expect(verdict('http://api.internal:82/', inside, { allowHosts: ['api.internal:82'] })).toBe('10.0.0.9');
    expect(verdict('http://a.b.internal/', inside, { allowHosts: ['*.internal'] })).toBe('10.0.0.9');
    expect(verdict('http://internal/', inside, { allowHosts: ['*.internal'] })).toBe('private');
    expect(verdict('http://evilapi.internal/', inside, { allowHosts: ['api.internal'] })).toBe('private');
    expect(verdict('http://any.example/', inside, { privateNetworks: ['10.0.0.0/24'] })).toBe('10.0.0.9');
    expect(verdict('http://any.example/', ['::ffff:10.0.0.9'], { privateNetworks: ['10.0.0.0/24'] })).toBe(
      '::ffff:10.0.0.9',
    );
    expect(verdict('http://any.example/', ['10.0.1.9'], { privateNetworks: ['10.0.0.0/24'] })).toBe('private');
  });

  it('lets a denial go before everything else', () => {
    const lists = { allowHosts: ['ads.example'], denyHosts: ['*.example'], privateNetworks: ['0.0.0.0/0'] };
    expect(verdict('https://ads.example/', ['93.184.216.34'], lists)).toBe('denied-host');
    expect(verdict('https://ads.example./', ['93.184.216.34'], lists)).toBe('denied-host');
    expect(verdict('https://cdn.net/', ['93.184.216.34'], { denyHosts: ['*'] })).toBe('denied-host');
  });

  it('never opens its own ports, on loopback or on an interface of this machine', () => {
    const lists = { ownPorts: [9090], allowHosts: ['*'], privateNetworks: ['0.0.0.0/0', '::/0'] };
    expect(verdict('http://127.0.0.1:9090/', undefined, lists)).toBe('own-port');
    expect(verdict('http://[::1]:9090/', undefined, lists)).toBe('own-port');
    expect(verdict('http://0.0.0.0:9090/', undefined, lists)).toBe('own-port');
    expect(verdict('http://[::ffff:127.0.0.1]:9090/', undefined, lists)).toBe('own-port');
    expect(verdict('http://10.7.7.7:9090/', undefined, lists)).toBe('own-port');
    expect(verdict('http://[fe80::7]:9090/', undefined, lists)).toBe('own-port');
    expect(verdict('http://127.0.0.1:9091/', undefined, lists)).toBe('127.0.0.1');
    expect(verdict('http://10.7.7.8:9090/', undefined, lists)).toBe('10.7.7.8');
  });

  it('knows http and https only', () => {
    for (const text of ['ftp://example.com/', 'file:///etc/passwd', 'gopher://example.com/', 'ws://example.com/']) {
      expect(verdict(text, ['93.184.216.34'])).toBe('scheme');
    }
  });

  it('refuses settings that it cannot read', () => {
    expect(() => rules({ allowHosts: ['http://example.com'] })).toThrow('not a host pattern: http://example.com');
    expect(() => rules({ denyHosts: ['a b'] })).toThrow('not a host pattern: a b');
    expect(() => rules({ privateNetworks: ['10/8'] })).toThrow('not a network');
  });
});

function literalOf(text: string): string {
  return new URL(text).hostname.replace(/^\[|\]$/g, '');
}
