import type { CDPSession } from 'puppeteer';
import type { Ask, Engaged, FrameState } from './in-page/control.ts';
import type { Look } from './in-page/look.ts';
import type { RunMode } from './in-page/scheduler.ts';
import type { Quiet } from './settle-judge.ts';
import { lookFrom } from './settle-messages.ts';

/** A piece of work in a frame; `kind` as the frame has it. */
export interface FrameOperation {
  readonly kind: string;
  readonly label: string;
  readonly sinceMs: number;
}

interface Frame {
  readonly top: boolean;
  state?: FrameState;
  /** When that state came. */
  atMs: number;
  /** Its activity in the answer before. */
  before: number;
}

/** The frames of one page: what they last said of themselves, and how to ask them. */
export class FrameTree {
  readonly #session: CDPSession;
  readonly #secret: string;
  readonly #now: () => number;
  /** By execution context. */
  readonly #frames = new Map<number, Frame>();
  #number = 0;
  #progressMs = 0;
  #asked: { mode: RunMode; atMs: number; eventsBefore: number } | undefined;

  constructor(session: CDPSession, secret: string, now: () => number) {
    this.#session = session;
    this.#secret = secret;
    this.#now = now;
  }

  clear(): void {
    this.#frames.clear();
    this.#asked = undefined;
  }

  added(context: number, top: boolean): void {
    this.#progressMs = this.#now();
    this.#frames.set(context, { top, atMs: this.#now(), before: -1 });
    this.#asked = undefined;
  }

  removed(context: number): void {
    if (this.#frames.delete(context)) this.#asked = undefined;
  }

  told(context: number, state: FrameState): void {
    const frame = this.#frames.get(context);
    if (!frame) return;
    if (worksOn(state) !== worksOn(frame.state)) this.#progressMs = this.#now();
    if (state.answers > 0 && frame.state) frame.before = frame.state.activity;
    // A word out of turn, after the answer: the frame has moved on since.
    if (state.answers === 0 && frame.state?.answers === this.#number) this.#asked = undefined;
    frame.state = state;
    frame.atMs = this.#now();
  }

  /** When real work was last seen to have begun or ended in a frame. */
  get progressMs(): number {
    return this.#progressMs;
  }

  get present(): boolean {
    return [...this.#frames.values()].some(({ top }) => top);
  }

  isTop(context: number): boolean {
    return this.#frames.get(context)?.top ?? false;
  }

  /** Puts a question to all frames; what they had answered before counts no more. */
  ask(question: Omit<Ask, 'number'>, eventsBefore: number): void {
    const number = ++this.#number;
    this.#asked = { mode: question.mode, atMs: this.#now(), eventsBefore };
    const call = `ask(${JSON.stringify({ number, ...question })})`;
    for (const context of this.#frames.keys()) void this.#evaluate(context, call).catch(() => {});
  }

  /** All frames have answered, whatever has happened since. */
  get answered(): boolean {
    return this.present && [...this.#frames.values()].every(({ state }) => state?.answers === this.#number);
  }

  /** All frames have answered while they were free to run: when the last of them did. */
  get restingSinceMs(): number | undefined {
    if (!this.#asked || this.#asked.mode === 'nothing' || !this.answered) return undefined;
    return Math.max(...[...this.#frames.values()].map(({ atMs }) => atMs));
  }

  get mode(): RunMode | undefined {
    return this.#asked?.mode;
  }

  get askedMs(): number | undefined {
    return this.#asked?.atMs;
  }

  /** How the main frame looks; rejects when there is none, with a `RenderError` when its answer is none. */
  async look(): Promise<Look & Engaged> {
    const [context] = [...this.#frames].find(([, { top }]) => top) ?? [];
    if (context === undefined) throw new Error('no document');
    return lookFrom(await this.#evaluate(context, 'look()'));
  }

  /**
   * All frames' answers to the last question, as one; undefined while one is missing. An answer that events from elsewhere
   * (`events` counts them) have overtaken is none: the question must be put again.
   */
  quiet(events: number): Quiet | undefined {
    if (!this.#asked || !this.present) return undefined;
    const states: FrameState[] = [];
    let unmoved = true;
    const frames = [...this.#frames.values()];
    for (const { state, before } of frames) {
      if (state?.answers !== this.#number) return undefined;
      states.push(state);
      unmoved &&= state.activity === before;
    }
    if (this.#asked.eventsBefore !== events) {
      this.#asked = undefined;
      return undefined;
    }
    const dues = states.map(({ dueMs }) => dueMs).filter((ms) => ms !== null);
    return {
      mode: this.#asked.mode,
      unmoved,
      frames: states.length,
      dueMs: dues.length > 0 ? Math.min(...dues) : undefined,
      unchangedMs: Math.min(...states.map(({ unchangedMs }) => unchangedMs)),
      changedAtMs: Math.max(...frames.map(({ state, atMs }) => atMs - (state?.stillMs ?? 0))),
      answeredMs: Math.max(...frames.map(({ atMs }) => atMs)),
    };
  }

  operations(): FrameOperation[] {
    const found: FrameOperation[] = [];
    for (const { state, atMs } of this.#frames.values()) {
      for (const [kind, label, ageMs] of state?.operations ?? []) {
        found.push({ kind, label, sinceMs: atMs - ageMs });
      }
    }
    return found;
  }

  get skippedMs(): number {
    return Math.max(0, ...[...this.#frames.values()].map(({ state }) => state?.skippedMs ?? 0));
  }
  get changes(): number {
    return [...this.#frames.values()].reduce((sum, { state }) => sum + (state?.changes ?? 0), 0);
  }
  get ranMs(): number {
    return [...this.#frames.values()].reduce((sum, { state }) => sum + (state?.ranMs ?? 0), 0);
  }
  /** Timers that wait, in words. */
  get waiting(): string[] {
    return [...this.#frames.values()].flatMap(({ state }) => state?.waiting ?? []);
  }

  async #evaluate(contextId: number, call: string): Promise<unknown> {
    const { result } = await this.#session.send('Runtime.evaluate', {
      expression: `${this.#secret}.${call}`,
      contextId,
      returnByValue: true,
      silent: true,
    });
    return result.value;
  }
}

const worksOn = (state: FrameState | undefined) =>
  (state?.operations ?? []).map(([kind, label]) => `${kind} ${label}`).join();
