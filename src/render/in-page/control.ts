import type { Account } from './account.ts';
import type { Animations } from './animations.ts';
import type { Changes } from './changes.ts';
import type { PageClock } from './clock.ts';
import type { Frames } from './frames.ts';
import type { Look } from './look.ts';
import type { Natives, PageWindow } from './natives.ts';
import type { RunMode, Scheduler } from './scheduler.ts';

/** What Node asks of one frame. */
export interface Ask {
  /** Comes back in the state that answers. */
  readonly number: number;
  readonly mode: RunMode;
  /** Move the clock forward by this much, running what is due on the way, before proving to be quiet. */
  readonly byMs?: number;
  /** Things due within this much more may be run in the same go. */
  readonly extendMs?: number;
}

/** One frame's own account of itself, made when it has been quiet for several turns of its event loop. */
export interface FrameState {
  /** The ask that this answers; 0 when it was not asked. */
  readonly answers: number;
  readonly activity: number;
  readonly operations: readonly (readonly [kind: string, label: string, ageMs: number])[];
  readonly dueMs: number | null;
  /** Page milliseconds since text or elements changed. */
  readonly unchangedMs: number;
  /** The same in real milliseconds. */
  readonly stillMs: number;
  /** Tasks that changed text or elements so far. */
  readonly changes: number;
  readonly skippedMs: number;
  /** Real milliseconds spent in the page's timed callbacks so far. */
  readonly ranMs: number;
  readonly waiting: readonly string[];
  readonly complete: boolean;
}

export type FrameMessage =
  | { readonly type: 'hello'; readonly top: boolean }
  | { readonly type: 'signal'; readonly unready: boolean; readonly given: boolean }
  | { readonly type: 'state'; readonly state: FrameState }
  | { readonly type: 'frame'; readonly painted: boolean };

export interface Engaged {
  /** A frame is on its way, or the clock is being moved: the answer is late for a good reason. */
  readonly engaged: boolean;
}

export interface Control {
  ask(ask: Ask): void;
  look(): Look & Engaged;
}

interface Parts {
  natives: Natives;
  clock: PageClock;
  account: Account;
  scheduler: Scheduler;
  animations: Animations;
  changes: Changes;
  frames: Frames;
  top: boolean;
  look: () => Look;
}

/** Tells Node how the frame stands, and does what Node asks. Self-contained: runs inside the page. */
export function makeControl(window: PageWindow, parts: Parts, send: (message: string) => void): Control {
  const { natives, clock, account, scheduler, animations, changes, frames, top, look } = parts;
  /** Turns of the event loop without any activity that count as quiet. */
  const quietTurns = 4;
  /** After so many frames an ask is answered as the page stands: one that stirs at each has no last one, and whoever asks sees that it has stirred. */
  const mostFrames = 4;
  const { min } = Math;
  const readyStateOf = natives.getter(window.Document?.prototype, 'readyState');
  const fontsOf = natives.getter(window.Document?.prototype, 'fonts');
  const statusOf = natives.getter(window.FontFaceSet?.prototype, 'status');
  let asked: Ask | undefined;
  let told = '';
  let watching = false;
  let seen = -1;
  let quiet = 0;
  /** Activity at the last frame that was really produced. */
  let framedAt = -1;
  let framesOfAsk = 0;
  /** A frame is on its way, or the clock is being moved. */
  let engaged = false;

  function watch() {
    if (watching || engaged) return;
    watching = true;
    quiet = 0;
    natives.turn(turn);
  }

  function turn() {
    const activity = account.activity();
    quiet = activity === seen ? quiet + 1 : 0;
    seen = activity;
    if (quiet < quietTurns) return natives.turn(turn);
    watching = false;
    calm();
  }

  function calm() {
    changes.watch();
    if (asked) {
      if (top && framedAt !== account.activity() && framesOfAsk < mostFrames) return produceFrame();
      tell(asked.number);
      asked = undefined;
    } else if (told !== work()) {
      tell(0);
    }
  }

  /** Observers, animations and lazy loading take part in frames that are really produced, and in no others. */
  function produceFrame() {
    engaged = true;
    let over = false;
    const produced = (included = account.activity()) => {
      if (over) return;
      over = true;
      framesOfAsk++;
      framedAt = included;
      engaged = false;
      watch();
    };
    frames.request(() => {
      let included: number | undefined;
      // What its callbacks did is in the frame; what another task did between it and our turn is not.
      natives.laidOut(() => {
        included = account.activity();
      });
      natives.turn(() => produced(included));
    }, 'now');
    // Where none is ever produced. Long, since a starved page waits for its frames too.
    // On demand one comes in the end, except in a document that something still keeps from being shown.
    if (!frames.onDemand || readyState() !== 'complete') natives.after(4000, () => produced());
  }

  const readyState = () => readyStateOf(window.document);
  const fontsStatus = () => statusOf(fontsOf(window.document));

  /** Changes whenever the list of operations does. */
  function work() {
    return `${account.version()} ${readyState()} ${fontsStatus()}`;
  }

  function tell(answers: number) {
    told = work();
    const dues = natives.list([scheduler.due(), animations.due()]).filter((ms) => ms !== undefined);
    const state: FrameState = {
      answers,
      activity: account.activity(),
      operations: operations(),
      dueMs: dues.length > 0 ? min(...dues) : null,
      unchangedMs: changes.agoMs(),
      stillMs: changes.stillMs(),
      changes: changes.count(),
      skippedMs: clock.skipped(),
      ranMs: scheduler.ranMs(),
      waiting: scheduler.waiting(),
      complete: readyState() === 'complete',
    };
    send(natives.json({ type: 'state', state } satisfies FrameMessage));
  }

  function operations() {
    const open = natives
      .list(account.open())
      .map(({ kind, label, ageMs }): [string, string, number] => [kind, label, ageMs]);
    if (readyState() !== 'complete') open.push([`document ${readyState()}`, 'the document', natives.realNow()]);
    if (fontsStatus() === 'loading') open.push(['fonts', 'fonts', natives.realNow()]);
    return open;
  }

  /** Runs what is due until then, one thing a turn, and stops as soon as real work has begun. */
  function advance(byMs: number, extendMs: number) {
    engaged = true;
    const began = clock.now();
    const until = began + byMs + extendMs;
    const firstNumber = account.lastNumber();
    let activity = -1;
    let patience = 50;
    step();

    function step() {
      // What the last callback set off by messages comes before the next one.
      if (account.activity() !== activity && patience-- > 0) {
        activity = account.activity();
        return natives.turn(step);
      }
      if (account.openSince(firstNumber) === 0 && scheduler.runNext(until)) {
        patience = 50;
        return natives.turn(step);
      }
      const missing = began + byMs - clock.now();
      if (missing > 0 && account.openSince(firstNumber) === 0) clock.shift(missing);
      engaged = false;
      watch();
    }
  }

  changes.watch();
  frames.flow(true);
  account.onTouch(watch);
  // A document without any script would never be heard of otherwise.
  natives.listen(window, ['DOMContentLoaded', 'load'], () => account.touch());
  const { fonts } = window.document;
  if (fonts) natives.listen(fonts, ['loadingdone', 'loadingerror'], () => account.touch());
  send(natives.json({ type: 'hello', top } satisfies FrameMessage));
  account.touch();

  return {
    ask(ask) {
      asked = ask;
      framesOfAsk = 0;
      scheduler.setMode(ask.mode);
      frames.flow(ask.mode !== 'nothing');
      if (ask.byMs === undefined) watch();
      else if (!engaged) advance(ask.byMs, ask.extendMs ?? 0);
    },
    look: () => ({ ...look(), engaged }),
  };
}
