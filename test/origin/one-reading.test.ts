import { describe, expect, it } from 'vitest';
import { exchangeRaw, parseAnswer, publicHost, rawGet, startEdge, startHttpOrigin } from './edge.ts';

/** What the origin was told, by one raw request through the edge. */
async function told(request: string): Promise<{ status: number; lines: readonly string[] }> {
  await using origin = await startHttpOrigin(({ rawHeaders }, response) => response.end(JSON.stringify(rawHeaders)));
  await using edge = await startEdge(origin.url);
  const { status, body } = parseAnswer(await exchangeRaw(edge.port, request));
  const flat: string[] = status === 200 ? JSON.parse(body) : [];
  return { status, lines: flat.flatMap((name, at) => (at % 2 === 0 ? `${name}: ${flat[at + 1]}` : [])) };
}

describe('the origin reads a request as Preface does', () => {
  it('of two user agents it sees the one by which the request was classified', async () => {
    const { status, lines } = await told(
      rawGet('/', ['User-Agent: Twitterbot/1.0', 'User-Agent: Mozilla/5.0 Firefox/140.0']),
    );
    expect(status).toBe(200);
    expect(lines.filter((line) => /^user-agent:/i.test(line))).toEqual(['User-Agent: Twitterbot/1.0']);
  });

  it('without a host it is asked for the site’s own', async () => {
    const { status, lines } = await told('GET / HTTP/1.0\r\n\r\n');
    expect(status).toBe(200);
    expect(lines.filter((line) => /^host:/i.test(line)).map((line) => line.slice(6))).toEqual([publicHost]);
  });

  it.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString'])('a field named %s is a field', async (name) => {
    const { status, lines } = await told(rawGet('/', [`${name}: x`, `${name}: y`]));
    expect(status).toBe(200);
    expect(lines).toContain(`${name}: x`);
  });
});
