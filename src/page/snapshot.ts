import type { HeaderList } from './headers.ts';

/** One response that went into a page, as the egress or the browser saw it. */
export interface RenderInput {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  /** Chromium's resource type in lower case: `document`, `script`, `fetch`, `xhr`, `websocket`, … */
  readonly type: string;
  readonly etag?: string;
  readonly lastModified?: string;
  /** SHA-256 of the decoded body, in base64url; missing where the body was not seen. */
  readonly bodyHash?: string;
  /** SHA-256 of the request's body, in base64url; missing for requests without one. */
  readonly requestHash?: string;
  /** A POST to the site itself that is short and text, so that it can be asked again. */
  readonly requestBody?: string;
  /** The `Content-Type` of `requestBody`. */
  readonly requestType?: string;
  /** SHA-256 over those fields of a document's head that matter to the page, in base64url. */
  readonly headHash?: string;
  /** The origin forbade storing it (`Cache-Control: no-store`). */
  readonly noStore?: boolean;
  readonly bytes: number;
  /** Milliseconds after the render's begin. */
  readonly startedMs: number;
  readonly durationMs: number;
  /** What the egress did with it. */
  readonly verdict: 'allowed' | 'cached' | 'blocked' | 'refused' | 'failed';
  /** Why it was refused, or failed: `unreachable`, or the limit that cut it. Missing when the page or its end gave it up. */
  readonly because?: string;
}

/** What ended the wait for a page. */
export type StoppedBy = 'settled' | 'ready-signal' | 'redirect' | 'timeout';

/** What a render cost and why it ended. */
export interface RenderReport {
  readonly stoppedBy: StoppedBy;
  /** What was still pending when the wait ended, in words. */
  readonly pending: readonly string[];
  /** Milliseconds of real time per stage. */
  readonly stages: {
    readonly queue: number;
    readonly navigate: number;
    readonly settle: number;
    readonly serialise: number;
    readonly total: number;
  };
  /** Page time that was jumped over instead of waited for, in milliseconds. */
  readonly skippedMs: number;
  readonly requests: number;
  readonly bytes: number;
  readonly htmlBytes: number;
  readonly consoleErrors: readonly string[];
}

/** A finished page: everything a reader is answered with, and what is known of its making. */
export interface Snapshot {
  readonly status: number;
  /** Fields that may be sent to a reader as they are; hop-by-hop, length, encoding and cookies are never among them. */
  readonly headers: HeaderList;
  /** Empty for a redirect. */
  readonly html: string;
  /** In the format that was wished for (PNG, JPEG, PDF); missing where none was, and of a redirect. */
  readonly picture?: Uint8Array;
  /** Purge tags, from the answer's headers and the page's own meta. */
  readonly tags: readonly string[];
  /** The origin's own `Cache-Control` of the document, if any. */
  readonly originCacheControl?: string;
  /** How long caches before the origin had kept the document already (its `Age`), in milliseconds. */
  readonly originAgeMs?: number;
  /** Epoch milliseconds at which the render began: what came later than this is not in the page. */
  readonly renderedAt: number;
  readonly inputs: readonly RenderInput[];
  readonly report: RenderReport;
}
