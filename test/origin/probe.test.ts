import { expect, it } from 'vitest';
import { probeOrigin } from '../../src/origin/probe.ts';
import { startHttpOrigin, startRawOrigin } from './edge.ts';

it('finds an origin that answers, with whatever status', async () => {
  const hosts: (string | undefined)[] = [];
  await using origin = await startHttpOrigin((request, response) => {
    hosts.push(request.headers.host);
    response.writeHead(503).end('busy');
  });
  const result = await probeOrigin(new URL(origin.url), { timeoutMs: 5_000, host: 'www.example.com' });
  expect(result).toMatchObject({ reachable: true, status: 503 });
  expect(hosts).toEqual(['www.example.com']);
});

it('says why one cannot be reached', async () => {
  let url = '';
  {
    await using gone = await startRawOrigin(() => {});
    url = gone.url;
  }
  const result = await probeOrigin(new URL(url), { timeoutMs: 5_000 });
  expect(result).toMatchObject({ reachable: false, because: expect.stringContaining('ECONNREFUSED') });
});

it('does not wait longer than it may', async () => {
  await using origin = await startRawOrigin((socket) => socket.resume());
  expect(await probeOrigin(new URL(origin.url), { timeoutMs: 50 })).toMatchObject({ reachable: false });
});
