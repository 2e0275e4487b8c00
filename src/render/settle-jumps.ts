import type { FrameTree } from './settle-frames.ts';
import type { Jumps } from './settle-judge.ts';

interface Jump {
  readonly beganMs: number;
  readonly changes: number;
  readonly ranMs: number;
  readonly strideMs: number;
}

const none = { realMs: 0, idleRunMs: 0, changes: 0, strides: 0, lastStrideMs: 0, lastChanged: false };

/** What has been done to the page's clock, and what it led to. */
export class JumpAccount {
  readonly #frames: FrameTree;
  #now: Jump | undefined;
  #sum = none;
  #stirs = 0;
  #sinceMs = 0;
  #news = { atMs: 0, skippedMs: 0 };

  constructor(frames: FrameTree) {
    this.#frames = frames;
  }

  clear(): void {
    this.#now = undefined;
    this.#sum = none;
    this.#stirs = 0;
    this.#news = { atMs: 0, skippedMs: 0 };
  }

  began(beganMs: number, strideMs: number): void {
    this.#now = { beganMs, strideMs, changes: this.#frames.changes, ranMs: this.#frames.ranMs };
  }

  /** All frames have answered. */
  answered(nowMs: number): void {
    if (!this.#now) return;
    const { beganMs, strideMs, changes, ranMs } = this.#now;
    this.#now = undefined;
    const changed = this.#frames.changes - changes;
    this.#sum = {
      realMs: this.#sum.realMs + nowMs - beganMs,
      idleRunMs: this.#sum.idleRunMs + (changed === 0 ? this.#frames.ranMs - ranMs : 0),
      changes: this.#sum.changes + changed,
      strides: this.#sum.strides + 1,
      lastStrideMs: strideMs,
      lastChanged: changed > 0,
    };
  }

  /** Everything was held, to see whether the page stirs by itself. */
  held(): void {
    this.#stirs++;
  }

  /** Page milliseconds since the network last brought something new, which was at `newsMs` of real time. */
  sinceNews(newsMs: number, nowMs: number): number {
    const { skippedMs } = this.#frames;
    // The clock is never moved while a request is in flight, so what had been skipped then is what is known now.
    if (this.#news.atMs !== newsMs) this.#news = { atMs: newsMs, skippedMs };
    return nowMs - newsMs + skippedMs - this.#news.skippedMs;
  }

  /** The sum since the last real progress. */
  since(progressMs: number): Jumps {
    if (progressMs > this.#sinceMs) {
      this.#sinceMs = progressMs;
      this.#sum = none;
    }
    return { ...this.#sum, stirs: this.#stirs, skippedMs: this.#frames.skippedMs };
  }
}
