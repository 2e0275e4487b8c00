import type { AnswerEvent } from '../events.ts';
import type { EdgeRequest, EdgeResponse } from '../messages.ts';
import type { Reader, Verified } from '../page/reader.ts';
import { type RequestIds, requestIds, traceIdOf } from './request-id.ts';

/** What was asked, and what has been found out so far about who asks. */
export interface Asked {
  readonly request: EdgeRequest;
  readonly host: string;
  /** The origin-form target. */
  readonly target: string;
  readonly ids: RequestIds;
  readonly beganMs: number;
  reader: Reader;
  verified: Verified | undefined;
}

/** One request on its way through the gateway. */
export interface Exchange extends Asked {
  readonly response: EdgeResponse;
  wantsMarkdown: boolean;
}

/** How a request was answered. */
export type Answered = Pick<AnswerEvent, 'outcome' | 'because' | 'status' | 'bytes'>;

/** What a render for the request took, in milliseconds. */
export interface Stages {
  readonly queue: number;
  readonly total: number;
}

export function beginExchange(request: EdgeRequest, response: EdgeResponse): Exchange {
  return { ...beginAsked(request), response, wantsMarkdown: false };
}

export function beginAsked(request: EdgeRequest): Asked {
  const { headers } = request;
  return {
    request,
    host: headers.host ?? '',
    target: request.url ?? '/',
    ids: requestIds(headers['x-request-id'], headers.traceparent),
    beganMs: performance.now(),
    reader: nobody,
    verified: undefined,
  };
}

/** What is told of a request when it has been answered. */
export function answerEvent(asked: Asked, how: Answered, stages?: Stages): AnswerEvent {
  const { request, host, target, ids, beganMs, reader, verified } = asked;
  return {
    type: 'answer',
    requestId: ids.requestId,
    traceId: traceIdOf(ids.traceparent),
    method: request.method ?? '',
    host,
    target,
    status: how.status,
    reader,
    verified,
    outcome: how.outcome,
    because: how.because,
    bytes: how.bytes,
    durationMs: performance.now() - beganMs,
    renderMs: stages?.total,
    queueMs: stages?.queue,
  };
}

/** What is told of a request that was refused before anybody looked at what it asks for. */
export function refusedEvent(request: EdgeRequest | undefined, status: number, because: string): AnswerEvent {
  const ids = requestIds(undefined, undefined);
  return {
    type: 'answer',
    requestId: ids.requestId,
    traceId: traceIdOf(ids.traceparent),
    method: request?.method ?? '',
    host: request?.headers.host ?? '',
    target: request?.url ?? '',
    status,
    reader: nobody,
    verified: undefined,
    outcome: 'refused',
    because,
    bytes: 0,
    durationMs: 0,
    renderMs: undefined,
    queueMs: undefined,
  };
}

export const idHeader = ({ ids }: Exchange): string[] => ['X-Request-Id', ids.requestId];

const nobody: Reader = { class: 'person' };
