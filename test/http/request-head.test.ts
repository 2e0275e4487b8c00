import { describe, expect, it } from 'vitest';
import { isWebSocketHandshake, judgeHead } from '../../src/http/request-head.ts';

function head(target: string, fields: Record<string, string> = {}, { method = 'GET', httpVersion = '1.1' } = {}) {
  const all: Record<string, string> = { Host: 'www.example.com', ...fields };
  const rawHeaders = Object.entries(all).flat();
  const headers = Object.fromEntries(Object.entries(all).map(([name, value]) => [name.toLowerCase(), value]));
  return { method, url: target, rawHeaders, headers, httpVersion };
}

const judge = (...parts: Parameters<typeof head>) => judgeHead(head(...parts), (host) => host === 'www.example.com');

describe('a target', () => {
  it.each(['/', '/a?b#c', '//a/b', '/\\a', '/[x]', '/%zz'])('in origin form is good: %s', (target) => {
    expect(judge(target)).toEqual({ kind: 'good' });
  });

  it.each([
    ['http://www.example.com/a?b', '/a?b'],
    ['HTTP://WWW.example.com', '/'],
    ['https://www.example.com?x=1', '/?x=1'],
    ['http://www.example.com//a/../b', '//a/../b'],
  ])('in absolute form of one of our hosts becomes origin form: %s', (target, path) => {
    const isOurs = (host: string) => host.toLowerCase() === 'www.example.com';
    expect(judgeHead(head(target), isOurs)).toEqual({ kind: 'good', target: path });
  });

  it('in absolute form needs no Host in HTTP/1.0', () => {
    const { headers: _headers, ...rest } = head('http://www.example.com/x', {}, { httpVersion: '1.0' });
    const bare = { ...rest, rawHeaders: [], headers: {} };
    expect(judgeHead(bare, () => true)).toEqual({ kind: 'good', target: '/x' });
  });

  it.each([
    '',
    'a',
    'http://',
    'http://[/',
    '//[',
    '/\\[',
    'javascript:alert(1)',
    'www.example.com:443',
    'http://a b/',
  ])('that is no target is bad: %j', (target) => {
    expect(judge(target)).toEqual({ kind: 'bad', status: 400, because: 'bad-target' });
  });

  it('may be * for OPTIONS alone', () => {
    expect(judge('*', {}, { method: 'OPTIONS' })).toEqual({ kind: 'server-options' });
    expect(judge('*')).toMatchObject({ because: 'bad-target' });
  });
});

describe('a Host', () => {
  it.each([
    'example.com',
    'EXAMPLE.com:8080',
    'a_b.example',
    'localhost',
    '127.0.0.1:80',
    '[::1]:8080',
    'example.com.',
  ])('is good: %s', (host) => {
    expect(judge('/', { Host: host })).toEqual({ kind: 'good' });
  });

  it.each([
    '',
    ' ',
    'a b',
    'a/b',
    'a?b',
    'a#b',
    'a@b',
    'a,b',
    'a:b',
    'a:1:2',
    '::1',
    '[::1',
    'a..b',
    '.a',
    'a\\b',
    'a%2fb',
    'b\xfccher.example',
  ])('is refused: %j', (host) => {
    expect(judge('/', { Host: host })).toEqual({ kind: 'bad', status: 400, because: 'invalid-host' });
  });
});

describe('Connection', () => {
  it.each(['close', 'Keep-Alive', 'keep-alive, Upgrade', 'X-My-Hop', 'TE, close'])('may say %s', (value) => {
    expect(judge('/', { Connection: value })).toEqual({ kind: 'good' });
  });

  it.each([
    'Host',
    'close,COOKIE',
    'x-forwarded-for',
    'Content-Length',
    'Authorization ',
    'Sec-WebSocket-Key',
    'if-none-match',
  ])('may not take an end-to-end field away: %s', (value) => {
    expect(judge('/', { Connection: value })).toEqual({ kind: 'bad', status: 400, because: 'nominated-field' });
  });
});

describe('a WebSocket handshake', () => {
  const fields = { Connection: 'Upgrade', Upgrade: 'websocket' };
  it.each<[string, Parameters<typeof head>, boolean]>([
    ['a GET', ['/', fields], true],
    ['in other letters', ['/', { ...fields, Upgrade: 'WebSocket' }], true],
    ['with an empty body', ['/', { ...fields, 'Content-Length': '0' }], true],
    ['a POST', ['/', fields, { method: 'POST' }], false],
    ['with a body', ['/', { ...fields, 'Content-Length': '5' }], false],
    ['with chunks', ['/', { ...fields, 'Transfer-Encoding': 'chunked' }], false],
    ['to something else', ['/', { ...fields, Upgrade: 'h2c' }], false],
    ['to several things', ['/', { ...fields, Upgrade: 'h2c, websocket' }], false],
    ['in HTTP/1.0', ['/', fields, { httpVersion: '1.0' }], false],
  ])('%s', (_what, parts, expected) => {
    expect(isWebSocketHandshake(head(...parts))).toBe(expected);
  });
});
