import type { ForwardOutcome } from './origin.ts';

/** How a failure before the answer's head is told: the status for the client, the word for the log. */
export interface OriginFailure {
  readonly status: 400 | 502 | 504;
  readonly failure: NonNullable<ForwardOutcome['failure']>;
}

/** Reads an error of the connection to the origin by its code, never by its message. */
export function originFailure(error: unknown): OriginFailure {
  const code = codeOf(error);
  if (code === 'PREFACE_REQUEST_INVALID') return { status: 400, failure: 'origin-invalid' };
  if (timeouts.has(code)) return { status: 504, failure: 'origin-timeout' };
  if (brokenOff.has(code)) return { status: 502, failure: 'origin-aborted' };
  if (invalid.has(code)) return { status: 502, failure: 'origin-invalid' };
  return { status: 502, failure: 'origin-unreachable' };
}

/** Whether a connection was lost as a kept-alive one is that the origin has just given up. */
export const isBrokenConnection = (error: unknown): boolean => brokenOff.has(codeOf(error));

const timeouts = new Set(['ETIMEDOUT', 'PREFACE_ORIGIN_TIMEOUT', 'PREFACE_QUEUE_TIMEOUT']);
const brokenOff = new Set(['ECONNRESET', 'EPIPE', 'PREFACE_ORIGIN_CLOSED']);
const invalid = new Set([
  'ERR_HTTP_INVALID_HEADER_VALUE',
  'ERR_HTTP_INVALID_STATUS_CODE',
  'ERR_INVALID_CHAR',
  'ERR_INVALID_HTTP_TOKEN',
  'PREFACE_ANSWER_INVALID',
]);

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
