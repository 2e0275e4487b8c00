import { expect, it } from 'vitest';
import { whyIncomplete } from '../../src/page/incomplete.ts';
import type { Site } from '../../src/page/site.ts';
import type { RenderInput } from '../../src/page/snapshot.ts';

const publicUrl = new URL('https://shop.example');
const site: Site = { publicUrl, originUrl: new URL('http://127.0.0.1:1'), hosts: ['shop.example'] };

const input = (rest: Partial<RenderInput> = {}): RenderInput => ({
  method: 'GET',
  url: 'https://shop.example/app.js',
  status: 200,
  type: 'script',
  bytes: 10,
  startedMs: 0,
  durationMs: 1,
  verdict: 'allowed',
  ...rest,
});
const lost = { status: 0, verdict: 'failed', because: 'unreachable' } as const;

it.each([
  ['a limit of requests', { verdict: 'refused', because: 'request-limit' }, 'request-limit'],
  ['a limit of bytes', { verdict: 'failed', because: 'byte-limit', type: 'image' }, 'byte-limit'],
  ['a lost script', lost, 'unreachable script'],
  ['a script that its server could not give', { status: 500 }, 'status 500 for script'],
  ['lost data', { ...lost, type: 'fetch' }, 'unreachable fetch'],
] as const)('a page lacks something after %s', (_, change, reason) => {
  expect(whyIncomplete([input({ url: 'https://shop.example/' }), input(change)], site)).toMatch(reason);
});

it.each([
  ['an error status of data', { status: 500, type: 'fetch' }],
  ['what the page or its end gave up', { status: 0, verdict: 'failed' }],
  ['a lost picture', { ...lost, type: 'image' }],
  ['a lost script of somebody else', { ...lost, url: 'https://other.example/x.js' }],
  ['a host that may not be asked', { status: 0, verdict: 'refused', because: 'loopback' }],
] as const)('a page is whole despite %s', (_, change) => {
  expect(whyIncomplete([input({ url: 'https://shop.example/' }), input(change)], site)).toBeUndefined();
});

it('a page is whole when what was lost came at the second try', () => {
  expect(whyIncomplete([input(lost), input()], site)).toBeUndefined();
});
