import type { Look } from './in-page/look.ts';
import type { RunMode } from './in-page/scheduler.ts';

/** Something under way that may still change the page. */
export interface Pending {
  /** `hope`: the page may wait for it in vain. `channel`: an open connection that may speak again until `untilMs`. */
  readonly kind: 'request' | 'work' | 'hope' | 'channel';
  readonly label: string;
  readonly sinceMs: number;
  /** Given by whoever knows better than the common rule: until when it is waited for, and where the page looks unfinished. */
  readonly untilMs?: number;
  readonly fondUntilMs?: number;
}

export interface JudgeRules {
  readonly horizonMs: number;
  /** The same for a page that shows nothing yet, or says that it is loading. */
  readonly unfinishedHorizonMs: number;
  readonly longRequestMs: number;
  /** How long neither the page nor its network may have moved. */
  readonly quietMs: number;
  /** A page that shows nothing yet, or says that it is loading, gets this many times the patience. */
  readonly unfinishedFactor: number;
  /** The same for one that shows little, and has had no answer to any request yet. */
  readonly doubtfulFactor: number;
  /** Things due within this much page time are run in one go, without asking again; more where nothing changes. */
  readonly strideMs: number;
  readonly longestStrideMs: number;
  /** Limits of page time jumped over and of real time spent on it; and how many changes make an endless series. */
  readonly mostSkippedMs: number;
  readonly mostSkippedUnreadyMs: number;
  readonly mostJumpingMs: number;
  /** The same for callbacks that changed nothing: drawing on a canvas, mostly. */
  readonly mostIdleRunMs: number;
  readonly mostChanges: number;
  /** How often an otherwise quiet page may stir while everything is held. */
  readonly mostStirs: number;
}

/** Everything that is known of the page at one moment; times are real milliseconds of one clock. */
export interface Facts {
  readonly nowMs: number;
  readonly pending: readonly Pending[];
  /** Page milliseconds since the network brought something new. */
  readonly sinceNewsMs: number;
  /** When a request or other real work last began or ended. */
  readonly progressMs: number;
  /** The frames' answer to the last question; undefined while it is outstanding or overtaken by events. */
  readonly quiet: Quiet | undefined;
  /** The question that is outstanding was put at this time. */
  readonly askedMs: number | undefined;
  /** How the page looked since the last progress, if anybody looked. */
  readonly looks: Looks | undefined;
  /** When it last told how it looks, whatever has happened since. */
  readonly seen: Seen | undefined;
  /** The page said that it is not ready. */
  readonly unready: boolean;
  /** A page of which nothing is pending is not waited for beyond this. */
  readonly latestMs: number;
  readonly jumps: Jumps;
  /** The page is repeating a request. */
  readonly polling: boolean;
}

/** It was not stuck in a script then; `engaged`: it was about to produce a frame, or to run what a jump brought. */
export interface Seen {
  readonly atMs: number;
  readonly looks: Looks;
  readonly engaged: boolean;
}

export type Looks = 'finished' | 'doubtful' | 'unfinished' | 'empty';

/** All frames were quiet for turns of their event loops, and had a frame produced. */
export interface Quiet {
  readonly mode: RunMode;
  /** Nothing at all had happened since the answer before. */
  readonly unmoved: boolean;
  readonly frames: number;
  readonly dueMs: number | undefined;
  readonly unchangedMs: number;
  /** The same in real time: when text or elements last changed. */
  readonly changedAtMs: number;
  /** When the last answer came. */
  readonly answeredMs: number;
}

/** What was done to the clock since the last progress, and in all. */
export interface Jumps {
  readonly skippedMs: number;
  readonly realMs: number;
  /** Spent in callbacks of strides in which nothing changed. */
  readonly idleRunMs: number;
  readonly changes: number;
  readonly strides: number;
  readonly lastStrideMs: number;
  readonly lastChanged: boolean;
  readonly stirs: number;
}

export type Judgement =
  | { readonly kind: 'wait'; readonly untilMs: number | undefined }
  /** Ask the page how it looks. */
  | { readonly kind: 'look' }
  | { readonly kind: 'ask'; readonly mode: RunMode; readonly byMs?: number; readonly extendMs?: number }
  | { readonly kind: 'done'; readonly because: 'quiet' | 'restless' };

/** Decides what to do about a page: the heart of the matter, without any of its mechanics. */
export function judge(facts: Facts, rules: JudgeRules): Judgement {
  const { nowMs, quiet } = facts;
  const waits = facts.pending.map((pending) => patience(pending, facts, rules));
  if (facts.looks === undefined && waits.some(({ finished, empty }) => finished <= nowMs && empty > nowMs)) {
    return { kind: 'look' };
  }
  const ends = waits.map((until) => until[facts.looks ?? 'finished']).filter((ms) => ms > nowMs);
  if (ends.length > 0) {
    const lookMs = waits.some(({ finished }) => finished <= nowMs)
      ? nextLookMs(facts, rules)
      : Number.POSITIVE_INFINITY;
    if (lookMs <= nowMs) return { kind: 'look' };
    const untilMs = Math.min(...ends, lookMs);
    return { kind: 'wait', untilMs: untilMs === Number.POSITIVE_INFINITY ? undefined : untilMs };
  }

  if (facts.looks === undefined && facts.jumps.idleRunMs > rules.mostIdleRunMs) return { kind: 'look' };
  const mode = repeatsItself(facts, rules) ? 'once' : 'all';
  if (quiet === undefined) return unanswered(facts, rules, mode);
  if (quiet.mode === 'nothing') {
    if (quiet.unmoved) return unlessTooSoon(quiet, facts, rules);
    if (facts.jumps.stirs >= rules.mostStirs) return { kind: 'done', because: 'restless' };
    return { kind: 'ask', mode };
  }
  if (quiet.mode !== mode) return { kind: 'ask', mode };
  if (quiet.dueMs !== undefined) {
    if (mayJump(quiet.dueMs, quiet, facts, rules, rules.horizonMs)) return jump(quiet.dueMs, quiet, facts.jumps, rules);
    if (!facts.unready && mayJump(quiet.dueMs, quiet, facts, rules, rules.unfinishedHorizonMs)) {
      if (facts.looks === undefined) return { kind: 'look' };
      if (facts.looks === 'unfinished' || facts.looks === 'empty') return jump(quiet.dueMs, quiet, facts.jumps, rules);
    }
  }
  if (facts.unready) return { kind: 'wait', untilMs: undefined };
  return { kind: 'ask', mode: 'nothing' };
}

/** Reads the signs that a page gives of being finished. */
export function looksOf({ textLength, busy, drewAnswer }: Look, someText: number): Looks {
  if (textLength === 0) return 'empty';
  if (busy) return 'unfinished';
  return textLength >= someText || drewAnswer ? 'finished' : 'doubtful';
}

/** A page that is waited for because of its looks may come to look otherwise without a word: by a timer of its own. */
function nextLookMs({ looks, seen }: Facts, { longRequestMs }: JudgeRules): number {
  return looks === 'finished' || seen === undefined ? Number.POSITIVE_INFINITY : seen.atMs + longRequestMs / 4;
}

/** Until when something pending is waited for, by how the page looks. */
function patience(
  { kind, sinceMs, untilMs, fondUntilMs }: Pending,
  { progressMs }: Facts,
  { longRequestMs, doubtfulFactor, unfinishedFactor }: JudgeRules,
): Record<Looks, number> {
  if (untilMs !== undefined) {
    const fond = Math.max(untilMs, fondUntilMs ?? 0);
    return { finished: untilMs, doubtful: untilMs + (fond - untilMs) / 4, unfinished: fond, empty: fond };
  }
  // Being open for long is not enough: all else must have been quiet for a while, or it is merely a slow page.
  const ending = (ms: number) => Math.max(sinceMs + ms, progressMs + longRequestMs / 4);
  const unfinished = ending(longRequestMs * unfinishedFactor);
  if (kind === 'hope') return { finished: sinceMs, doubtful: sinceMs, unfinished, empty: unfinished };
  // A page without any text is a failure in any case, so nothing is lost by waiting for what may bring it.
  const empty = Number.POSITIVE_INFINITY;
  return { finished: ending(longRequestMs), doubtful: ending(longRequestMs * doubtfulFactor), unfinished, empty };
}

/** While a page is held, only what no account foresees can move it: a message, a clock that is not ours. */
function unlessTooSoon(
  { changedAtMs, answeredMs }: Quiet,
  { nowMs, progressMs, latestMs }: Facts,
  rules: JudgeRules,
): Judgement {
  const untilMs = Math.min(Math.max(changedAtMs, progressMs) + rules.quietMs, latestMs);
  if (rules.quietMs === 0 || answeredMs >= untilMs) return { kind: 'done', because: 'quiet' };
  return nowMs < untilMs ? { kind: 'wait', untilMs } : { kind: 'ask', mode: 'nothing' };
}

function unanswered({ askedMs, nowMs, seen }: Facts, rules: JudgeRules, mode: RunMode): Judgement {
  if (askedMs === undefined) return { kind: 'ask', mode };
  const untilMs = askedMs + rules.longRequestMs;
  if (nowMs < untilMs) return { kind: 'wait', untilMs };
  // Either it works without end, or it is stuck in a script; then it does not tell how it looks either.
  if (seen === undefined || seen.atMs < untilMs || nowMs >= seen.atMs + rules.longRequestMs) return { kind: 'look' };
  // One that shows nothing is not called done, however long it works; nor is one that has not got its frame yet.
  const shows = seen.looks === 'finished' || seen.looks === 'doubtful';
  if (shows && !seen.engaged) return { kind: 'done', because: 'restless' };
  return { kind: 'wait', untilMs: seen.atMs + rules.longRequestMs };
}

function repeatsItself({ jumps, polling, looks }: Facts, rules: JudgeRules): boolean {
  // Who has nothing to show yet may be working for it; who has is drawing.
  const isWorking = looks === 'unfinished' || looks === 'empty';
  return (
    polling ||
    jumps.changes > rules.mostChanges ||
    jumps.realMs > rules.mostJumpingMs ||
    jumps.idleRunMs > rules.mostIdleRunMs * (isWorking ? rules.unfinishedFactor : 1)
  );
}

function mayJump(
  dueMs: number,
  { unchangedMs }: Quiet,
  { jumps, unready, sinceNewsMs }: Facts,
  rules: JudgeRules,
  horizonMs: number,
): boolean {
  if (unready) return jumps.skippedMs + dueMs <= rules.mostSkippedUnreadyMs;
  // A little more than the horizon, so that a timer set to it exactly is within it.
  return (
    Math.min(unchangedMs, sinceNewsMs) + dueMs <= horizonMs + 50 &&
    jumps.skippedMs + dueMs <= rules.mostSkippedMs &&
    jumps.realMs <= 2 * rules.mostJumpingMs
  );
}

/** Several frames must keep one time, so they all go to the end of the stride; one goes no further than it has to. */
function jump(
  dueMs: number,
  { frames, mode }: Quiet,
  { lastStrideMs, lastChanged, strides }: Jumps,
  rules: JudgeRules,
): Judgement {
  const wanted = lastChanged
    ? rules.strideMs * 2 ** Math.floor(strides / 8)
    : Math.max(rules.strideMs, lastStrideMs * 2);
  const strideMs = Math.min(wanted, rules.longestStrideMs);
  const byMs = Math.ceil(dueMs);
  return frames > 1
    ? { kind: 'ask', mode, byMs: byMs + strideMs, extendMs: 0 }
    : { kind: 'ask', mode, byMs, extendMs: strideMs };
}
