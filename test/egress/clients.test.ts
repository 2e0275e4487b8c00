import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createClients } from '../../src/egress/clients.ts';
import { createUpstreams } from '../../src/egress/upstreams.ts';
import type { OriginClient } from '../../src/origin/client.ts';

const timeouts = { connectMs: 1_000, headersMs: 1_000, idleMs: 1_000 };

/** The clients of a render, with a note of each that was made for an origin, and of whether it was closed. */
function clientsWith(isUnused: boolean) {
  const made: { host: string; isClosed: boolean }[] = [];
  const upstreams = createUpstreams(timeouts, []);
  onTestFinished(() => upstreams.close());
  const openOrigin = ({ host }: URL): OriginClient => {
    const note = { host, isClosed: false };
    made.push(note);
    return {
      isUnused,
      ask: () => expect.unreachable('nobody asks'),
      close() {
        note.isClosed = true;
      },
    };
  };
  return { made, clients: createClients(upstreams, { openOrigin, timeouts, clock: systemClock }) };
}

const origin = (n: number) => new URL(`http://10.0.0.1:${n + 1}`);

describe('the clients of a render', () => {
  it('are one for each origin, and all are closed in the end', () => {
    const { clients, made } = clientsWith(true);
    expect(clients.toSite(origin(1))).toBe(clients.toSite(origin(1)));
    clients.toSite(origin(2));
    clients.close();
    expect(made).toEqual([
      { host: '10.0.0.1:2', isClosed: true },
      { host: '10.0.0.1:3', isClosed: true },
    ]);
  });

  it('are undici for an origin with TLS, and for other hosts', () => {
    const { clients, made } = clientsWith(true);
    clients.toSite(new URL('https://10.0.0.1'));
    clients.toAddresses(new URL('http://other.example'), [{ address: '192.0.2.1', family: 4 }]);
    expect(made).toEqual([]);
  });

  it.each([
    ['are forgotten when there are many that nobody uses', true, 2],
    ['are kept as long as they are used, however many there are', false, 1],
  ])('%s', (_, isUnused, times) => {
    const { clients, made } = clientsWith(isUnused);
    for (let n = 0; n <= 200; n += 1) clients.toSite(origin(n));
    clients.toSite(origin(0));
    expect(made.filter(({ host }) => host === '10.0.0.1:1')).toHaveLength(times);
  });
});
