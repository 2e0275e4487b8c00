import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { startRedis, type TestRedis } from './start-redis.ts';

export interface RedisOfTests extends TestRedis {
  /** Called after each test, in turn. */
  readonly cleanUps: (() => Promise<void> | void)[];
}

/** One Redis for all tests of a `describe`, empty before each. */
export function withRedis(): RedisOfTests {
  let redis: TestRedis;
  const cleanUps: RedisOfTests['cleanUps'] = [];
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  beforeEach(() => void redis.command('FLUSHALL'));
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0)) await cleanUp();
  });
  return {
    get url() {
      return redis.url;
    },
    get process() {
      return redis.process;
    },
    command: (...words) => redis.command(...words),
    restart: () => redis.restart(),
    stop: () => redis.stop(),
    cleanUps,
  };
}
