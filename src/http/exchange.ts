import type { AnswerEvent } from '../events.ts';
import type { EdgeRequest, EdgeResponse } from '../messages.ts';
import type { Reader, Verified } from '../page/reader.ts';
import { type RequestIds, requestIds, traceIdOf } from './request-id.ts';

/** One request on its way through the gateway, and what has been found out about it so far. */
export interface Exchange {
  readonly request: EdgeRequest;
  readonly response: EdgeResponse;
  readonly host: string;
  /** The origin-form target. */
  readonly target: string;
  readonly ids: RequestIds;
  readonly beganMs: number;
  reader: Reader;
  verified: Verified | undefined;
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
  const { headers } = request;
  return {
    request,
    response,
    host: headers.host ?? '',
    target: request.url ?? '/',
    ids: requestIds(headers['x-request-id'], headers.traceparent),
    beganMs: performance.now(),
    reader: nobody,
    verified: undefined,
    wantsMarkdown: false,
  };
}

/** What is told of an exchange when it has been answered. */
export function answerEvent(exchange: Exchange, how: Answered, stages: Stages | undefined): AnswerEvent {
  const { request, host, target, ids, beganMs, reader, verified } = exchange;
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
