import { RenderError } from '../errors.ts';
import type { Engaged, FrameMessage, FrameState } from './in-page/control.ts';
import type { Look } from './in-page/look.ts';

/**
 * Reads what a frame has sent. Our functions wrote it, but in the page's own world, where a page may have changed whatever
 * they build upon. Throws a `RenderError` (`crash`) for anything that is not what they write.
 */
export function frameMessage(payload: string): FrameMessage {
  const message = parsed(payload);
  if (isRecord(message)) {
    const { type, top, unready, given, state, painted } = message;
    if (type === 'hello' && typeof top === 'boolean') return { type, top };
    if (type === 'signal' && typeof unready === 'boolean' && typeof given === 'boolean')
      return { type, unready, given };
    if (type === 'frame' && typeof painted === 'boolean') return { type, painted };
    if (type === 'state' && isState(state)) return { type, state };
  }
  throw nonsense();
}

/** The same for a frame's answer to how it looks. */
export function lookFrom(value: unknown): Look & Engaged {
  if (isLook(value)) return value;
  throw nonsense();
}

const nonsense = () => new RenderError('crash', 'the page has broken what watches it');

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw nonsense();
  }
}

function isState(value: unknown): value is FrameState {
  if (!isRecord(value)) return false;
  const { answers, activity, operations, dueMs, unchangedMs, stillMs, changes, skippedMs, ranMs, waiting, complete } =
    value;
  return (
    [answers, activity, unchangedMs, stillMs, changes, skippedMs, ranMs].every(isNumber) &&
    (dueMs === null || isNumber(dueMs)) &&
    Array.isArray(operations) &&
    operations.every(isOperation) &&
    Array.isArray(waiting) &&
    waiting.every(isText) &&
    typeof complete === 'boolean'
  );
}

function isOperation(value: unknown): boolean {
  return Array.isArray(value) && value.length === 3 && isText(value[0]) && isText(value[1]) && isNumber(value[2]);
}

function isLook(value: unknown): value is Look & Engaged {
  if (!isRecord(value)) return false;
  const { textLength, busy, drewAnswer, engaged } = value;
  return isNumber(textLength) && [busy, drewAnswer, engaged].every((flag) => typeof flag === 'boolean');
}

const isText = (value: unknown) => typeof value === 'string';
const isNumber = (value: unknown) => Number.isFinite(value);
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
