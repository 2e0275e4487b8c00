import { describe, expect, it } from 'vitest';
import { redisKeys } from '../../src/cache/redis-keys.ts';
import { createRedisLeases } from '../../src/cache/redis-leases.ts';
import type { RenderLockSettings } from '../../src/cache/redis-render-lock.ts';
import type { Turn } from '../../src/cache/render-lock.ts';
import { systemClock } from '../../src/clock.ts';
import { keyOf } from '../../src/page/page-key.ts';
import { connectCache } from './connect-cache.ts';
import { redisIsMissing } from './start-redis.ts';
import { withRedis } from './with-redis.ts';

const keys = redisKeys();
const page = keyOf('https://shop.example/a', 'desktop');
const stay = new AbortController().signal;

describe.skipIf(redisIsMissing !== undefined)('the render lock of Redis', () => {
  const redis = withRedis();
  const { cleanUps } = redis;

  async function replica(lock: Partial<RenderLockSettings> = {}) {
    const connected = await connectCache(redis.url, { lock });
    cleanUps.push(() => connected.connection.close());
    await connected.subscribed;
    return connected;
  }

  async function mine(entering: Promise<Turn>) {
    const turn = await entering;
    if (turn.kind !== 'mine') throw new Error(`not its turn: ${turn.kind}`);
    return turn;
  }

  const isHeld = () => redis.command('EXISTS', keys.lock(page)) === '1';

  it('lets one replica render, and tells the others when the page is stored', async () => {
    const [one, two] = [await replica(), await replica()];
    const turn = await mine(one.lock.enter(page, stay));
    const waiting = two.lock.enter(page, stay);
    await expect.poll(() => two.marks.known()).toBeGreaterThan(0);
    turn.end({ kind: 'stored' });
    expect(await waiting).toMatchObject({ kind: 'stored', claim: { fence: 0 } });
    await expect.poll(isHeld).toBe(false);
  });

  it('tells the others of a failure, so that they do not fail one after the other', async () => {
    const [one, two, three] = [await replica(), await replica(), await replica()];
    const turn = await mine(one.lock.enter(page, stay));
    const waiting = [two, three].map(({ lock }) => lock.enter(page, stay));
    await expect.poll(() => two.marks.known() * three.marks.known()).toBeGreaterThan(0);
    turn.end({ kind: 'failed', code: 'timeout' });
    expect(await Promise.all(waiting)).toEqual([
      { kind: 'failed', code: 'timeout' },
      { kind: 'failed', code: 'timeout' },
    ]);
  });

  it('passes the turn on when the first replica gave up, and to all at once when its page is not to be shared', async () => {
    const [one, two] = [await replica(), await replica()];
    const first = await mine(one.lock.enter(page, stay));
    const second = two.lock.enter(page, stay);
    await expect.poll(() => two.marks.known()).toBeGreaterThan(0);
    first.end({ kind: 'left' });
    const turn = await mine(second);
    expect(isHeld()).toBe(true);
    expect(turn.claim.fence).toBeGreaterThan(first.claim.fence);

    const waiting = one.lock.enter(page, stay);
    await systemClock.sleep(50);
    turn.end({ kind: 'unshared' });
    expect((await mine(waiting)).claim.fence).toBe(0);
  });

  it('comes free when its holder died, and stays held while the holder lives', async () => {
    const [one, two] = [await replica({ ttlMs: 150 }), await replica({ ttlMs: 150, pollMs: 20 })];
    await mine(one.lock.enter(page, stay));
    const entering = two.lock.enter(page, stay);
    const early = await Promise.race([entering, systemClock.sleep(600).then(() => 'still waiting')]);
    expect(early).toBe('still waiting');
    // No goodbye: nothing is released and nothing is called out.
    await one.connection.close();
    expect((await mine(entering)).claim.fence).toBeGreaterThan(0);
  });

  it('does not keep a waiter longer than a render may take', async () => {
    const [one, two] = [await replica(), await replica({ pollMs: 20, maxWaitMs: 100 })];
    await mine(one.lock.enter(page, stay));
    expect((await mine(two.lock.enter(page, stay))).claim.fence).toBe(0);
  });

  it('lets go of a waiter whose readers have left', async () => {
    const [one, two] = [await replica(), await replica()];
    await mine(one.lock.enter(page, stay));
    const leaving = new AbortController();
    const waiting = two.lock.enter(page, leaving.signal);
    await expect.poll(() => two.marks.known()).toBeGreaterThan(0);
    leaving.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'aborted' });
  });

  it('never gives up what another replica has taken since', async () => {
    const [one, two] = [await replica(), await replica()];
    const turn = await mine(one.lock.enter(page, stay));
    redis.command('DEL', keys.lock(page));
    await mine(two.lock.enter(page, stay));
    const token = redis.command('GET', keys.lock(page));
    turn.end({ kind: 'stored' });
    await two.connection.send('PING');
    await one.connection.send('PING');
    expect(redis.command('GET', keys.lock(page))).toBe(token);
  });

  it('lets everybody render while Redis cannot be reached', async () => {
    const { lock, connection } = await replica();
    await connection.close();
    expect((await mine(lock.enter(page, stay))).claim).toEqual({ since: 0, fence: 0 });
  });

  it('gives leases by name, to one at a time', async () => {
    const [one, two] = [await replica(), await replica()].map(({ connection }) => createRedisLeases(connection, keys));
    const lease = await one?.take('warm-up', 60_000);
    expect(await two?.take('warm-up', 60_000)).toBeUndefined();
    expect(await two?.take('something else', 60_000)).toBeDefined();
    expect(await lease?.extend()).toBe(true);
    await lease?.release();
    expect(await two?.take('warm-up', 60_000)).toBeDefined();
    expect(await lease?.extend()).toBe(false);
  });
});
