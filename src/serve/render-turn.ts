import type { CacheStore, WriteClaim } from '../cache/cache-store.ts';
import type { RenderLock, TurnEnd } from '../cache/render-lock.ts';
import type { StoredEntry } from '../cache/stored-entry.ts';
import type { Clock } from '../clock.ts';
import { RenderError } from '../errors.ts';
import { freshness } from '../page/freshness.ts';
import type { PageKey } from '../page/page-target.ts';

export interface TurnParts {
  readonly lock: RenderLock;
  readonly store: CacheStore;
  readonly clock: Clock;
}

export interface Turned<T> {
  readonly result: T;
  /** How the turn ends, known once the page was written. */
  readonly end: Promise<TurnEnd>;
}

/**
 * Renders when it is this replica's turn, given the entry as it is stored by then: a purge may have come while it waited. Resolves to the entry that
 * another replica has stored meanwhile when that is fresh and `mayReuse` allows it; throws the `RenderError` of another replica that failed meanwhile.
 */
export async function inTurn<T>(
  { lock, store, clock }: TurnParts,
  key: PageKey,
  mayReuse: boolean,
  signal: AbortSignal,
  render: (claim: WriteClaim, stored: StoredEntry | undefined) => Promise<Turned<T>>,
): Promise<T | StoredEntry> {
  const turn = await lock.enter(key, signal);
  if (turn.kind === 'failed') throw new RenderError(turn.code, 'it failed in another replica a moment ago');
  const end = turn.kind === 'mine' ? turn.end : () => {};
  try {
    // Whoever had the turn before may have been done just before this replica asked.
    const stored = await (store.latest ? store.latest(key) : store.get(key));
    if (stored !== undefined && (mayReuse || turn.kind === 'stored') && freshness(stored, clock.now()) === 'fresh') {
      end({ kind: 'stored' });
      return stored;
    }
    const turned = await render(turn.claim, stored);
    void turned.end.then(end);
    return turned.result;
  } catch (cause) {
    end(
      cause instanceof RenderError && isThePagesFault(cause) ? { kind: 'failed', code: cause.code } : { kind: 'left' },
    );
    throw cause;
  }
}

/** Being overloaded, left alone or without a browser says nothing about the page. */
export function isThePagesFault({ code }: RenderError): boolean {
  return code !== 'overloaded' && code !== 'aborted' && code !== 'no-browser' && code !== 'recently-failed';
}
