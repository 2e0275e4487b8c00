import type { CDPSession } from 'puppeteer';
import type { StoppedBy } from '../page/snapshot.ts';
import type { TabFrames } from './tab-frames.ts';

export interface SettleSettings {
  /** How far ahead the page's clock may be moved, in page milliseconds, counted from the last thing that changed the page. */
  readonly horizonMs: number;
  /** A request that has been open for longer while all else is quiet is a long poll. */
  readonly longRequestMs: number;
  /**
   * Real milliseconds for which the page and its network must have been quiet before it is done. Never waited for so long that
   * too little of the limit would be left to write the page down.
   */
  readonly quietMs: number;
}

export interface SettleOutcome {
  readonly stoppedBy: StoppedBy;
  /** What was still pending, in words (`fetch https://…`, `timer 4000 ms`), at most twenty. */
  readonly pending: readonly string[];
  /** Page time jumped over, in milliseconds. */
  readonly skippedMs: number;
  /** Set when the page sent itself elsewhere (`stoppedBy: 'redirect'`): the absolute URL. */
  readonly redirectTo?: string;
}

/** Decides when the page in one tab is done (docs/decisions/0004-settling.md). Lives as long as its tab. */
export interface Settler {
  /** Forgets the page before and begins a new account; call it before the navigation starts. `settings` hold for this page in place of the tab's. */
  begin(documentUrl: string, settings?: SettleSettings): void;
  /**
   * Resolves when the page is done, or with `timeout` when `limitMs` of real time have passed.
   * Rejects with a `RenderError` (`crash`, `aborted`). Never waits on the page alone: an endless script ends with `timeout`.
   */
  settled(limitMs: number, signal: AbortSignal): Promise<SettleOutcome>;
  /** Puts an end to all accounts of this page, so that nothing of it reaches the next. */
  end(): void;
}

/**
 * Installs the in-page part for every frame that the tab will ever load. Once per tab, before its first navigation.
 * There is no puppeteer `Page`: its own bookkeeping costs a tenth of the throughput. `Page`, `Network` and `Runtime` are
 * enabled on the session. `frames` where Chromium produces none by itself.
 */
export type AttachSettler = (session: CDPSession, settings: SettleSettings, frames?: TabFrames) => Promise<Settler>;
