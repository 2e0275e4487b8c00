import { describe, expect, it } from 'vitest';
import { mergedVary, reasonPhrase } from '../../src/origin/answer-fields.ts';
import type { OriginSettings } from '../../src/origin/proxy-origin.ts';
import { exchangeRaw, parseAnswer, publicHost, rawGet, startEdge, startHttpOrigin, startRawOrigin } from './edge.ts';

/** The field lines that the origin gets for a raw request. */
async function received(request: string, settings: Partial<OriginSettings> = {}): Promise<string[]> {
  let lines: string[] = [];
  await using origin = await startRawOrigin((socket) => {
    socket.once('data', (chunk) => {
      lines = chunk.toString('latin1').split('\r\n\r\n', 1)[0]?.split('\r\n').slice(1) ?? [];
      socket.end('HTTP/1.1 204 No Content\r\n\r\n');
    });
  });
  await using edge = await startEdge(origin.url, { origin: settings });
  expect(parseAnswer(await exchangeRaw(edge.port, request)).status).toBe(204);
  return lines.map((line) => line.replace(origin.url.slice('http://'.length), 'ORIGIN'));
}

const only = (lines: readonly string[], names: RegExp) => lines.filter((line) => names.test(line));

describe('fields of a request', () => {
  it('that belong to the connection stay on it, and those that Connection names', async () => {
    const lines = await received(
      rawGet('/', [
        'Connection: close, X-Private, TE',
        'X-Private: 1',
        'x-private: 2',
        'Keep-Alive: timeout=5',
        'TE: trailers',
        'Proxy-Authorization: Basic eDp5',
        'Proxy-Connection: keep-alive',
        'Proxy: http://evil.example/',
        'Upgrade: foo',
        'HTTP2-Settings: AAMA',
        'X-Public: 1',
        'X-public: 2',
      ]),
    );
    expect(only(lines, /^(?!x-forwarded|host|cdn-loop)/i)).toEqual([
      'X-Public: 1',
      'X-public: 2',
      'Connection: keep-alive',
    ]);
  });

  it.each([
    ['alone', [], 'preface'],
    ['behind those of others', ['CDN-Loop: other; v=1', 'cdn-loop: third'], 'other; v=1, third, preface'],
  ])('bear our mark, by which a loop can be told: %s', async (_where, sent, value) => {
    expect(only(await received(rawGet('/', sent)), /^cdn-loop/i)).toEqual([`CDN-Loop: ${value}`]);
  });

  it('say who asks, whatever the client says of itself', async () => {
    const claims = [
      'X-Forwarded-For: 6.6.6.6',
      'x-forwarded-proto: https',
      'X-Forwarded-Host: evil.example',
      'X-Forwarded-Port: 1',
      'Forwarded: for=6.6.6.6',
    ];
    expect(only(await received(rawGet('/', claims)), /forwarded/i)).toEqual([
      'X-Forwarded-For: 127.0.0.1',
      'X-Forwarded-Proto: http',
      `X-Forwarded-Host: ${publicHost}`,
      'X-Forwarded-Port: 80',
    ]);
  });

  it('keep what a trusted proxy says, with its own address at the end', async () => {
    const claims = [
      'X-Forwarded-For: 6.6.6.6',
      'X-Forwarded-For: 7.7.7.7',
      'X-Forwarded-Proto: https',
      'Forwarded: for=6.6.6.6',
    ];
    const lines = await received(rawGet('/', claims), { trustsPeer: (address) => address === '127.0.0.1' });
    expect(only(lines, /forwarded/i)).toEqual([
      'Forwarded: for=6.6.6.6',
      'X-Forwarded-For: 6.6.6.6, 7.7.7.7, 127.0.0.1',
      'X-Forwarded-Proto: https',
      `X-Forwarded-Host: ${publicHost}`,
      'X-Forwarded-Port: 80',
    ]);
  });

  it.each<[string, string, Partial<OriginSettings>, string]>([
    ['a known host as it came', `Host: ${publicHost.toUpperCase()}:80`, {}, `Host: ${publicHost.toUpperCase()}:80`],
    ['another of our hosts', 'Host: shop.example', { hosts: ['shop.example'] }, 'Host: shop.example'],
    ['the public one for a host that is not ours', 'Host: evil.example', {}, `Host: ${publicHost}`],
    ['the origin’s own when told so', `Host: ${publicHost}`, { hostHeader: 'origin' }, 'Host: ORIGIN'],
  ])('name the host: %s', async (_what, line, settings, expected) => {
    expect(only(await received(rawGet('/', [line]), settings), /^host/i)).toEqual([expected]);
  });

  it('name the public host for HTTP/1.0, which need not', async () => {
    expect(only(await received('GET / HTTP/1.0\r\n\r\n'), /^host/i)).toEqual([`Host: ${publicHost}`]);
  });

  it('name the public scheme and port', async () => {
    const lines = await received(rawGet('/', ['Host: www.example.com']), {
      publicUrl: new URL('https://www.example.com'),
    });
    expect(only(lines, /proto|port/i)).toEqual(['X-Forwarded-Proto: https', 'X-Forwarded-Port: 443']);
  });
});

describe('fields of an answer', () => {
  it('that belong to the connection stay on it, and those that Connection names', async () => {
    await using origin = await startHttpOrigin((_request, response) => {
      response.writeHead(200, [
        'Connection',
        'X-Private',
        'X-Private',
        '1',
        'Keep-Alive',
        'timeout=99',
        'Proxy-Authenticate',
        'Basic',
        'Upgrade',
        'h2c',
        'X-Public',
        '1',
        'Content-Length',
        '0',
      ]);
      response.end();
    });
    await using edge = await startEdge(origin.url);
    const answer = parseAnswer(await exchangeRaw(edge.port, rawGet('/')));
    const names = answer.fields.map(([name]) => name);
    expect(names).toEqual(['X-Public', 'Content-Length', 'Date', 'Connection']);
    expect(answer.field('connection')).toBe('close');
  });

  it('merge Vary without loss or repetition', () => {
    expect(mergedVary(undefined, 'User-Agent')).toBe('User-Agent');
    expect(mergedVary('', 'User-Agent')).toBe('User-Agent');
    expect(mergedVary('Accept-Encoding, user-agent', 'User-Agent, Accept')).toBe('Accept-Encoding, user-agent, Accept');
    expect(mergedVary('Origin, *', 'User-Agent')).toBe('*');
  });

  it('keep a reason phrase that can be written, and only such a one', () => {
    expect(reasonPhrase(200, 'Très bien')).toBe('Très bien');
    expect(reasonPhrase(200, '')).toBe('');
    expect(reasonPhrase(404, 'nicht 見つかりません')).toBe('Not Found');
    expect(reasonPhrase(299, 'a\u0001b')).toBe('');
  });
});
