import { RenderError } from '../errors.ts';
import type { FrameTree } from './settle-frames.ts';
import { looksOf, type Seen } from './settle-judge.ts';

interface LookEnds {
  /** There is a new answer. */
  changed(): void;
  /** The page's answer makes no sense. */
  failed(cause: RenderError): void;
}

/** How the page looked when it was last looked at: an answer that comes late, or never from a page that is stuck. */
export class Looking {
  readonly #frames: FrameTree;
  readonly #now: () => number;
  readonly #ends: LookEnds;
  #last: { readonly progressMs: number; readonly seen: Seen } | undefined;
  #underWay = false;

  constructor(frames: FrameTree, now: () => number, ends: LookEnds) {
    this.#frames = frames;
    this.#now = now;
    this.#ends = ends;
  }

  clear(): void {
    this.#last = undefined;
  }

  /** When it last told how it looks, whatever has happened since. */
  get seen(): Seen | undefined {
    return this.#last?.seen;
  }

  /** How it has looked since that progress, if anybody looked. */
  since(progressMs: number): Seen | undefined {
    return this.#last?.progressMs === progressMs ? this.#last.seen : undefined;
  }

  take(progressMs: number, someText: number): void {
    if (this.#underWay) return;
    this.#underWay = true;
    void this.#frames
      .look()
      .finally(() => {
        this.#underWay = false;
      })
      .then((look) => {
        const looks = looksOf(look, someText);
        this.#last = { progressMs, seen: { looks, atMs: this.#now(), engaged: look.engaged } };
        this.#ends.changed();
      })
      .catch((cause: unknown) => {
        // Any other says that the document went away meanwhile; the next one brings events of its own.
        if (cause instanceof RenderError) this.#ends.failed(cause);
      });
  }
}
