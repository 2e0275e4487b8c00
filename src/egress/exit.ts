import type { Site } from '../page/site.ts';
import type { RenderInput } from '../page/snapshot.ts';
import type { ServedVersion } from './inputs.ts';

/** Where a document's own `Cache-Control` is told to the render, since Chromium is given another; empty when it has none. */
export const ownCacheControl = 'x-preface-cache-control';
/** Where a document's redirect leads, told under this name: the reader is to follow it, and not Chromium. */
export const ownLocation = 'x-preface-location';

/** What one render may do outside. */
export interface ExitRules {
  readonly site: Site;
  /** The address of the page: where it is redirected to is told to the render and not to Chromium. */
  readonly documentUrl: string;
  /** The render's limit of bytes over all its responses. */
  readonly maxBytes: number;
  readonly maxRequests: number;
  /** Whether it is given what other renders were given, and they what it is; yes, unless it says no. */
  readonly sharesAssets?: boolean;
}

/** The traffic of one render, from `begin` to `end`. */
export interface ExitTraffic {
  /** Requests now under way, without WebSockets and event streams. */
  readonly inFlight: number;
  /** Ends the render's permission to go out, cuts what is still open, and tells every request it made. */
  end(): readonly RenderInput[];
}

/** One tab's own way out: a proxy address that only its browser context is given. */
export interface TabExit {
  /** For Chromium's `proxyServer`: `http://127.0.0.1:port`. */
  readonly proxyServer: string;
  readonly credentials: { readonly username: string; readonly password: string };
  /**
   * False where pages of another site have filled Chromium's caches: they do not tell whose own answer something is, nor who would be refused it,
   * and not every build keeps apart what pages of different sites have loaded. They must then be empty at the next `begin` for this site, since
   * the exit sees nothing of what Chromium takes from there.
   */
  mayKeepCaches(site: Site): boolean;
  /** Between `end` and the next `begin` every request is refused. */
  begin(rules: ExitRules): ExitTraffic;
  /**
   * The version of a URL that this tab was given last: what stands behind a response that Chromium took from its own cache.
   */
  served(url: string): ServedVersion | undefined;
  close(): Promise<void>;
}

/** `unknown`: not repeatable, not reachable, or no longer allowed; only a render can tell. */
export type InputState = 'unchanged' | 'changed' | 'unknown';

/** Chromium's only way out (architecture.md, decision 5). */
export interface Egress {
  /** SHA-256 of the public key of the certificate that ends Chromium's TLS, for `--ignore-certificate-errors-spki-list`. */
  readonly spki: string;
  openTab(): Promise<TabExit>;
  /** Asks for an input of an earlier render again, conditionally, by the same policy and without a browser. Never rejects. */
  recheck(input: RenderInput, site: Site, signal: AbortSignal): Promise<InputState>;
  /** Forgets every cached asset. */
  forgetAssets(): void;
  close(): Promise<void>;
}
