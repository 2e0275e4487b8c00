import { expect, it } from 'vitest';
import type { Site } from '../../src/page/site.ts';
import { websiteRefusal } from '../../src/service/website-guard.ts';

const site = (publicUrl: string, ...hosts: string[]): Site => ({
  publicUrl: new URL(publicUrl),
  originUrl: new URL('http://127.0.0.1:4000'),
  hosts,
});
const sites = [site('https://www.example.com', 'www.example.com', 'example.com'), site('http://shop.internal:8080')];

it.each([
  ['localhost:3000'],
  ['LocalHost'],
  ['127.0.0.1:3000'],
  ['[::1]:3000'],
  // As `proxy_set_header Host $host` has it.
  ['www.example.com'],
  ['WWW.example.com:3000'],
  ['example.com'],
  ['shop.internal'],
])('takes orders of programs that ask %s', (host) => {
  expect(websiteRefusal({ host, 'user-agent': 'Twitterbot/1.0' }, sites)).toBeUndefined();
  expect(websiteRefusal({ host, 'sec-fetch-site': 'none' }, sites)).toBeUndefined();
});

it.each([
  ['a name of its own that leads here', { host: 'evil.example:3000' }],
  ['a name that begins like ours', { host: 'localhost.evil.example' }],
  ['a name that ends like ours', { host: 'evil.www.example.com' }],
  ['no name', {}],
  ['its origin', { host: 'localhost:3000', origin: 'https://evil.example' }],
  ['an origin on this machine', { host: 'localhost:3000', origin: 'http://localhost:3000' }],
  ['no origin of its own', { host: 'localhost:3000', origin: 'null' }],
  ['a picture, a frame or a link', { host: 'localhost:3000', 'sec-fetch-site': 'cross-site' }],
  ['a picture on another port of this machine', { host: 'localhost:3000', 'sec-fetch-site': 'same-site' }],
])('takes none of a website with %s', (_, headers) => {
  expect(websiteRefusal(headers, sites)).toMatch(/^Websites may not|^Without service.token only localhost/);
});
