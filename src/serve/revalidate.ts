import { type StoredEntry, wasPurged } from '../cache/stored-entry.ts';
import type { InputState } from '../egress/exit.ts';
import { momentsFrom } from '../page/freshness.ts';
import { isCutByLimit } from '../page/incomplete.ts';
import type { RenderInput } from '../page/snapshot.ts';

export interface RevalidateSettings {
  readonly enabled: boolean;
  /** A page is rendered after so many renewals without a render. */
  readonly maxRevalidations: number;
  /** And when its last render is older than this. */
  readonly renderAtLeastEveryMs: number;
  /** Whether a POST to this URL only reads and may be asked again. */
  readonly isRepeatable: (url: string) => boolean;
}

/** Why a stale page has to be rendered, where it has. */
export type NotRevalidated = 'off' | 'purged' | 'too-often' | 'too-old' | 'pointless' | 'unrepeatable' | 'no-inputs';

/** After so many tries in a row that found a change and led to the same page, the tries are given up. */
export const maxMisses = 3;

/**
 * Whether asking the inputs of a stale page again can show that it is unchanged (docs/decisions/0005-revalidation.md): every one of them must be
 * repeatable and known by its bytes or a validator.
 */
export function whyNotRevalidated(
  entry: StoredEntry,
  now: number,
  settings: RevalidateSettings,
): NotRevalidated | undefined {
  const { count, misses } = entry.revalidations;
  if (!settings.enabled) return 'off';
  if (wasPurged(entry)) return 'purged';
  if (count >= settings.maxRevalidations) return 'too-often';
  if (now - entry.renderedAt >= settings.renderAtLeastEveryMs) return 'too-old';
  if (misses >= maxMisses) return 'pointless';
  const inputs = entry.inputs.filter(counts);
  if (inputs.length === 0) return 'no-inputs';
  return inputs.every((input) => isRepeatable(input, settings)) ? undefined : 'unrepeatable';
}

/** What was blocked or refused did not go into the page, and would not now; what a limit cut off might. */
const counts = (input: RenderInput) =>
  isCutByLimit(input) || (input.verdict !== 'blocked' && input.verdict !== 'refused');

const streams = new Set(['websocket', 'eventsource']);

function isRepeatable(input: RenderInput, { isRepeatable: isDeclared }: RevalidateSettings): boolean {
  if (streams.has(input.type) || input.verdict === 'failed' || input.verdict === 'refused') return false;
  if (input.bodyHash === undefined && input.etag === undefined) return false;
  if (input.method === 'GET') return true;
  return input.method === 'POST' && input.requestBody !== undefined && isDeclared(input.url);
}

/** The same page, good for as long again. */
export function revalidated(entry: StoredEntry, now: number): StoredEntry {
  return {
    ...entry,
    validatedAt: now,
    ...momentsFrom(now, entry.lifetimes),
    revalidations: { count: entry.revalidations.count + 1, misses: 0 },
  };
}

/**
 * The page that was rendered in place of a stale one, with what is known of asking its inputs: one more miss when a change among them led to the same
 * page. A page that was given up stays so until it has really changed.
 */
export function rerendered(rendered: StoredEntry, before: StoredEntry, inputsChanged: boolean): StoredEntry {
  const { misses } = before.revalidations;
  if (rendered.etag !== before.etag) return rendered;
  if (inputsChanged) return { ...rendered, revalidations: { count: 0, misses: misses + 1 } };
  return misses >= maxMisses ? { ...rendered, revalidations: { count: 0, misses } } : rendered;
}

/**
 * Asks every input of a page at once. `changed` as soon as one has; `unknown` when none has but one could not be asked. The document comes first:
 * after a deploy it is the one that has changed, and the others need not be asked.
 */
export async function askInputs(
  inputs: readonly RenderInput[],
  ask: (input: RenderInput, signal: AbortSignal) => Promise<InputState>,
  signal: AbortSignal,
): Promise<InputState> {
  const distinct = [
    ...new Map(
      inputs.filter(counts).map((input) => [`${input.method} ${input.url} ${input.requestHash}`, input]),
    ).values(),
  ];
  const [document, ...others] = distinct.sort((a, b) => Number(b.type === 'document') - Number(a.type === 'document'));
  if (document === undefined) return 'unknown';
  const first = await ask(document, signal);
  if (first !== 'unchanged') return first;
  const enough = new AbortController();
  const until = AbortSignal.any([signal, enough.signal]);
  const answers = await Promise.all(
    others.map(async (input) => {
      const answer = await ask(input, until);
      if (answer === 'changed') enough.abort();
      return answer;
    }),
  );
  if (answers.includes('changed')) return 'changed';
  return answers.includes('unknown') ? 'unknown' : 'unchanged';
}
