import { describe, expect, it } from 'vitest';
import type { OriginConnection } from '../../src/origin/connection.ts';
import { ConnectionPool } from '../../src/origin/connection-pool.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';
import { originDefaults, pending, startRawOrigin, type TestServer } from './edge.ts';

const sayOk = () =>
  startRawOrigin(
    (socket) => void socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')),
  );

function poolFor(origin: TestServer, clock = createFakeClock()) {
  const settings = { ...originDefaults(new URL(origin.url)), serverName: undefined, keepAliveTimeoutMs: 1_000 };
  return { pool: new ConnectionPool(settings, clock), clock };
}

/** Sends a request by the pool; resolves with the connection once the answer has ended. */
async function exchange(pool: ConnectionPool, onBody: (connection: OriginConnection) => void = () => {}) {
  const { promise, resolve } = pending<OriginConnection>();
  pool.take({
    run: (connection) =>
      connection.send(
        { method: 'GET', path: '/', fields: ['Host', 'a'], body: 'none' },
        {
          onHead: () => {},
          onBody: () => onBody(connection),
          onEnd: () => resolve(connection),
          onDrain: () => {},
          onError: (error) => expect.unreachable(error.message),
        },
      ),
    refuse: (error) => expect.unreachable(error.message),
  });
  return promise;
}

describe('a connection', () => {
  it('is used again, the last used first', async () => {
    await using origin = await sayOk();
    const { pool } = poolFor(origin);
    const [first, second] = await Promise.all([exchange(pool), exchange(pool)]);
    expect(first).not.toBe(second);
    const third = await exchange(pool);
    expect([first, second]).toContain(third);
    expect(await exchange(pool)).toBe(third);
    expect(third.served).toBe(3);
    pool.destroy();
  });

  it('is read again by its next user when the last one had stopped reading at the end', async () => {
    await using origin = await sayOk();
    const { pool } = poolFor(origin);
    const first = await exchange(pool, (connection) => connection.pause());
    await new Promise(setImmediate);
    expect(await exchange(pool)).toBe(first);
    pool.destroy();
  });

  it('that ends is not given away, not even before it has ended', async () => {
    await using origin = await sayOk();
    const { pool, clock } = poolFor(origin);
    const first = await exchange(pool);
    await new Promise(setImmediate);
    clock.advance(5_000);
    expect(first.isUsable).toBe(false);
    expect(await exchange(pool)).not.toBe(first);
    pool.destroy();
  });
});
