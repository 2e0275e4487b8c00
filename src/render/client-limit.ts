import type { Clock } from '../clock.ts';
import { RenderError } from '../errors.ts';
import { setLatest } from '../latest.ts';
import { isVerifiedClient } from '../page/client.ts';
import type { Renderer } from './renderer.ts';

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** Sums of fractions fall a little short of one. */
const wholeToken = 1 - 1e-6;

const maxClients = 50_000;

/**
 * Lets each client network begin at most `perMinute` renders a minute, in a token bucket: a burst of that many, then one at a time as they refill. More are
 * refused at once with `overloaded`. Our own work has no client and no limit; nor has a verified crawler, which asks from many networks and keeps its place when others flood.
 */
export function limitByClient(renderer: Renderer, perMinute: number, clock: Clock): Renderer {
  if (perMinute === 0) return renderer;
  const buckets = new Map<string, Bucket>();

  function take(client: string): boolean {
    const now = clock.now();
    const before = buckets.get(client) ?? { tokens: perMinute, filledAt: now };
    const tokens = Math.min(perMinute, before.tokens + ((now - before.filledAt) / 60_000) * perMinute);
    const may = tokens >= wholeToken;
    // The client that goes has been quiet for longest: its bucket is full, or nearly so.
    setLatest(buckets, client, { tokens: may ? tokens - 1 : tokens, filledAt: now }, maxClients);
    return may;
  }

  return {
    async render(job, signal) {
      if (job.client !== '' && !isVerifiedClient(job.client) && !take(job.client)) {
        throw new RenderError('overloaded', `${job.client} has begun its ${perMinute} renders of this minute`);
      }
      return renderer.render(job, signal);
    },
  };
}
