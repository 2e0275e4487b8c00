import type { Clock } from '../clock.ts';
import type { JsonBody } from '../json-body.ts';

/** A body that is not waited for any more. */
export interface GivenUpBody {
  readonly kind: 'given-up';
  readonly status: 408 | 429;
  readonly because: 'too-slow' | 'too-many';
  readonly error: string;
}

/** Each may be some megabytes. */
const most = 8;
/** An honest one comes in some milliseconds. */
const limitMs = 5_000;

/**
 * Waits for the bodies of those who have shown no token yet: for few at once, and briefly. Who comes to a full house takes the place of the one who
 * has been there longest, so that nobody can keep the others out by being slow.
 */
export function createUnknownBodies(clock: Clock) {
  /** The oldest first. */
  const waiting = new Set<(givenUp: GivenUpBody) => void>();

  return async function wait(reading: Promise<JsonBody>): Promise<JsonBody | GivenUpBody> {
    const { promise: ended, resolve: giveUp } = Promise.withResolvers<GivenUpBody>();
    const [oldest] = waiting;
    if (oldest !== undefined && waiting.size >= most) {
      waiting.delete(oldest);
      oldest(tooMany);
    }
    waiting.add(giveUp);
    const cancel = clock.after(limitMs, () => giveUp(tooSlow));
    try {
      return await Promise.race([reading, ended]);
    } finally {
      cancel();
      waiting.delete(giveUp);
    }
  };
}

const tooMany: GivenUpBody = {
  kind: 'given-up',
  status: 429,
  because: 'too-many',
  error: 'Too many ask at once without X-Prerender-Token',
};
const tooSlow: GivenUpBody = {
  kind: 'given-up',
  status: 408,
  because: 'too-slow',
  error: 'The body comes too slowly from one who has not shown X-Prerender-Token',
};
