import { expect, it } from 'vitest';
import { allowInlineStyles } from '../../src/render/content-security-policy.ts';

it.each([
  ["script-src 'self' 'nonce-abc'", "script-src 'self' 'nonce-abc'"],
  ["style-src 'self' 'unsafe-inline'", "style-src 'self' 'unsafe-inline'"],
  ["style-src 'self' 'nonce-abc'; img-src *", "style-src 'self' 'unsafe-inline'; img-src *"],
  ["style-src 'none'", "style-src 'unsafe-inline'"],
  ["style-src 'unsafe-inline' 'sha256-abc='", "style-src 'unsafe-inline'"],
  ["default-src 'self' 'strict-dynamic'", "default-src 'self' 'strict-dynamic'; style-src 'self' 'unsafe-inline'"],
  ["default-src 'self' 'unsafe-inline'", "default-src 'self' 'unsafe-inline'"],
  ["Default-Src 'self'; Style-Src a.example", "Default-Src 'self'; Style-Src a.example 'unsafe-inline'"],
  [
    "style-src 'self' 'unsafe-inline'; style-src-elem 'self'; style-src-attr 'none'",
    "style-src 'self' 'unsafe-inline'; style-src-elem 'self' 'unsafe-inline'; style-src-attr 'unsafe-inline'",
  ],
  ['upgrade-insecure-requests;', 'upgrade-insecure-requests'],
  ["style-src 'self',style-src 'none'", "style-src 'self' 'unsafe-inline',style-src 'unsafe-inline'"],
])('lets inline styles be and changes nothing else: %s', (policy, expected) => {
  expect(allowInlineStyles(policy)).toBe(expected);
  expect(allowInlineStyles(expected)).toBe(expected);
});
