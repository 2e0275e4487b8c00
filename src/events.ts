import type { RenderFailure } from './errors.ts';
import type { Reader, Verified } from './page/reader.ts';
import type { RenderReport } from './page/snapshot.ts';

/** How a request was answered; the label `outcome` of the metrics. */
export type Outcome =
  /** From the cache, fresh. */
  | 'hit'
  /** From the cache, stale. */
  | 'stale'
  /** Stale, and shown to be unchanged for this request. */
  | 'revalidated'
  /** Rendered for this request, or for another one that it joined. */
  | 'render'
  /** The reader's copy is still right. */
  | 'not-modified'
  /** Passed through to the origin. */
  | 'pass'
  /** A failed render was answered with the origin's shell. */
  | 'shell'
  /** 503: a failed render and no shell wanted. */
  | 'unavailable'
  /** Refused by us: malformed, unknown host. */
  | 'refused'
  /** The rendering service took an order that is for no page. */
  | 'order';

/** One answered request; the fields of its log line. */
export interface AnswerEvent {
  readonly type: 'answer';
  readonly requestId: string;
  readonly traceId: string | undefined;
  readonly method: string;
  readonly host: string;
  /** Path and query as they came. */
  readonly target: string;
  readonly status: number;
  readonly reader: Reader;
  /** Undefined where nobody looked: people, and sites without verification. */
  readonly verified: Verified | undefined;
  readonly outcome: Outcome;
  /** Why it was passed through, refused or failed. */
  readonly because: string | undefined;
  readonly bytes: number;
  readonly durationMs: number;
  readonly renderMs: number | undefined;
  readonly queueMs: number | undefined;
}

/** Everything worth telling. Logs, metrics and the dashboard listen; nobody who reports waits for them. */
export type PrefaceEvent =
  | AnswerEvent
  | { readonly type: 'render.done'; readonly url: string; readonly report: RenderReport }
  | { readonly type: 'render.failed'; readonly url: string; readonly code: RenderFailure; readonly message: string }
  | { readonly type: 'render.incomplete'; readonly url: string; readonly because: string }
  /** A page showed that the application's shell has been replaced. */
  | { readonly type: 'deploy'; readonly url: string }
  | { readonly type: 'cache.lookup'; readonly tier: string; readonly result: 'hit' | 'stale' | 'miss' }
  | { readonly type: 'cache.failed'; readonly tier: string; readonly operation: string; readonly message: string }
  | { readonly type: 'cache.purged'; readonly count: number; readonly mode: 'soft' | 'hard'; readonly what: string }
  | {
      readonly type: 'revalidated';
      readonly url: string;
      readonly result: 'unchanged' | 'changed' | 'failed' | 'gave-up';
    }
  | { readonly type: 'browser.started'; readonly version: string; readonly ms: number }
  | { readonly type: 'browser.stopped'; readonly reason: string }
  | { readonly type: 'browser.failed'; readonly message: string }
  | { readonly type: 'tab.retired'; readonly reason: string }
  | { readonly type: 'egress'; readonly verdict: string; readonly host: string }
  | {
      readonly type: 'reader.checked';
      readonly name: string;
      readonly address: string;
      readonly verified: Verified;
      readonly because: string;
    }
  | { readonly type: 'verify.refreshed'; readonly what: string }
  | { readonly type: 'verify.failed'; readonly what: string; readonly message: string }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'error'; readonly message: string; readonly cause?: unknown };

/** Tells an event. Never throws and never waits. */
export type Report = (event: PrefaceEvent) => void;
