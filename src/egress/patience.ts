import type { Clock } from '../clock.ts';

/** How long one render may wait, all in all, for what no reader sees. While several are waited for, time counts once. */
export class Patience {
  readonly #clock: Clock;
  #leftMs: number;
  #waiting = 0;
  #since = 0;

  constructor(clock: Clock, ms: number) {
    this.#clock = clock;
    this.#leftMs = ms;
  }

  /** What the promise is fulfilled with, or `otherwise` when patience ends before that. The promise must not reject. */
  within<T>(promise: Promise<T>, otherwise: T): Promise<T> {
    const now = this.#clock.now();
    const leftMs = this.#leftMs - (this.#waiting > 0 ? now - this.#since : 0);
    if (leftMs <= 0) return Promise.resolve(otherwise);
    if (this.#waiting === 0) this.#since = now;
    this.#waiting += 1;
    return new Promise((resolve) => {
      const cancel = this.#clock.after(leftMs, () => end(otherwise));
      let isOver = false;
      const end = (value: T) => {
        if (isOver) return;
        isOver = true;
        cancel();
        this.#waiting -= 1;
        if (this.#waiting === 0) this.#leftMs -= this.#clock.now() - this.#since;
        resolve(value);
      };
      void promise.then(end);
    });
  }
}
