import type { Natives } from './natives.ts';

/** One piece of real asynchronous work under way. */
export interface OpenOperation {
  /** `fetch`, `body`, `worker`, …; `unread`: an answer whose body was not asked for, which may never happen. */
  readonly kind: string;
  readonly label: string;
  readonly ageMs: number;
}

/** What the page is doing besides waiting for its own timers. */
export interface Account {
  /** Notes that the page did something whose end nobody announces: a message, a callback, a change. */
  touch(): void;
  /** Notes the beginning of work that takes real time; call the result once at its end. */
  begin(kind: string, label: string): () => void;
  /** Counts work from now until its promise settles; gives the promise back. */
  during(kind: string, label: string, promise: unknown): unknown;
  /** Rises with every thing noted. */
  activity(): number;
  /** Rises with every beginning and end. */
  version(): number;
  open(): OpenOperation[];
  /** Open operations that began after the one with this number (see `lastNumber`). */
  openSince(number: number): number;
  lastNumber(): number;
  /** Notes that somebody outside has answered the page. */
  answered(): void;
  answers(): number;
  onTouch(call: () => void): void;
}

/** Self-contained: runs inside the page. */
export function makeAccount(natives: Natives): Account {
  const open = natives.map<number, { kind: string; label: string; since: number }>();
  let lastNumber = 0;
  let activity = 0;
  let version = 0;
  let answers = 0;
  let touched = () => {};

  function touch() {
    activity++;
    touched();
  }

  function answered() {
    answers++;
    touch();
  }

  function begin(kind: string, label: string) {
    const number = ++lastNumber;
    open.set(number, { kind, label, since: natives.realNow() });
    version++;
    touch();
    return () => {
      if (!open.delete(number)) return;
      version++;
      if (kind === 'fetch' || kind === 'xhr' || kind === 'worker') answered();
      else touch();
    };
  }

  return {
    touch,
    begin,
    during(kind, label, promise) {
      natives.follow(promise, begin(kind, label));
      return promise;
    },
    activity: () => activity,
    version: () => version,
    open() {
      const found = natives.list<OpenOperation>();
      open.forEach(({ kind, label, since }) => {
        found.push({ kind, label, ageMs: natives.realNow() - since });
      });
      return found;
    },
    openSince(number) {
      let count = 0;
      open.forEach(({ kind }, other) => {
        if (other > number && kind !== 'unread') count++;
      });
      return count;
    },
    lastNumber: () => lastNumber,
    answered,
    answers: () => answers,
    onTouch(call) {
      touched = call;
    },
  };
}
