import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { thumbprint } from '../../src/verify/key-directory.ts';
import { signatureBase } from '../../src/verify/signature-base.ts';
import { type InnerList, parseDictionary, parseItem } from '../../src/verify/structured-fields.ts';
import { testKey } from './signing.ts';

/** The request of RFC 9421 appendix B.2. */
const testRequest = {
  method: 'POST',
  url: '/foo?param=Value&Pet=dog',
  headers: {
    host: 'example.com',
    date: 'Tue, 20 Apr 2021 02:07:55 GMT',
    'content-type': 'application/json',
    'content-length': '18',
    dict: 'a=1, b=2;x=1;y=2, c=(a   b    c), d',
  },
};

function listOf(text: string): InnerList {
  const list = parseDictionary(`sig=${text}`)?.get('sig');
  if (list?.kind !== 'list') throw new Error(`no list: ${text}`);
  return list;
}

const baseOf = (covered: string, message = testRequest) => signatureBase(message, listOf(covered), 'https');

describe('the signature base', () => {
  it('is that of the example in RFC 9421 appendix B.2.6, whose signature then holds', () => {
    const base = baseOf(
      '("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
    );
    expect(base?.split('\n')).toEqual([
      '"date": Tue, 20 Apr 2021 02:07:55 GMT',
      '"@method": POST',
      '"@path": /foo',
      '"@authority": example.com',
      '"content-type": application/json',
      '"content-length": 18',
      '"@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
    ]);
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: testKey.x }, format: 'jwk' });
    const signature = 'wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==';
    expect(verify(null, Buffer.from(base ?? ''), key, Buffer.from(signature, 'base64'))).toBe(true);
  });

  it.each([
    ['@target-uri', 'https://example.com/foo?param=Value&Pet=dog'],
    ['@request-target', '/foo?param=Value&Pet=dog'],
    ['@query', '?param=Value&Pet=dog'],
    ['@scheme', 'https'],
  ])('has the part %s', (name, value) => {
    expect(baseOf(`("${name}")`)).toBe(`"${name}": ${value}\n"@signature-params": ("${name}")`);
  });

  it('has members of a dictionary in their canonical spelling (RFC 9421 §2.1.2)', () => {
    const lines = ['a', 'b', 'c', 'd'].map((key) => baseOf(`("dict";key="${key}")`)?.split('\n')[0]);
    expect(lines).toEqual([
      '"dict";key="a": 1',
      '"dict";key="b": 2;x=1;y=2',
      '"dict";key="c": (a b c)',
      '"dict";key="d": ?1',
    ]);
  });

  it('has the host in lower case and without the port that goes without saying', () => {
    const at = (host: string) =>
      baseOf('("@authority")', { ...testRequest, headers: { ...testRequest.headers, host } });
    expect(at('Example.COM:443')).toContain('"@authority": example.com\n');
    expect(at('example.com:8443')).toContain('"@authority": example.com:8443\n');
  });

  it.each([
    '("x-missing")',
    '("@status")',
    '("date" "date")',
    '("date";req)',
    '("dict";key="e")',
    '("date";sf)',
    '(date)',
  ])('is none for %s', (covered) => {
    expect(baseOf(covered)).toBeUndefined();
  });

  it('spells parameters as they should be, however they came', () => {
    expect(listOf('( "date"   "@method" );created=1;  nonce="a\\"b";x').text).toBe(
      '("date" "@method");created=1;nonce="a\\"b";x',
    );
  });
});

describe('structured fields', () => {
  it.each([
    'sig=',
    'Sig=1',
    'sig=1,',
    'sig=(1',
    'sig=("a""b")',
    'sig=1 sig2=2',
    'sig="a',
    'sig=:a b:',
    'sig=1, sig=2',
    '=1',
  ])('refuse %j', (text) => {
    expect(parseDictionary(text)).toBeUndefined();
  });

  it('take an item for an item', () => {
    expect(parseItem(' "https://bot.example" ')?.value).toBe('https://bot.example');
    expect(parseItem('"a" "b"')).toBeUndefined();
  });
});

it('identifies a key by its thumbprint (RFC 8037 appendix A.3)', () => {
  expect(thumbprint('11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo')).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
});
