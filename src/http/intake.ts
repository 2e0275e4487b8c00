import { IncomingMessage } from 'node:http';
import type { Clock } from '../clock.ts';
import type { Report } from '../events.ts';
import type { EdgeRequest, EdgeResponse } from '../messages.ts';
import { hasBody } from '../page/body-framing.ts';
import type { Connections } from './connections.ts';
import { answerPlain } from './plain-answers.ts';
import { type HeadFault, judgeHead } from './request-head.ts';
import type { SlowClients } from './slow-clients.ts';

/** A request that was answered by the edge itself. */
export interface Refusal {
  readonly status: number;
  readonly because: HeadFault | 'malformed' | 'too-slow';
  readonly request: EdgeRequest | undefined;
}

export interface IntakeHandlers {
  /** A well-formed request with an origin-form target. What it throws or rejects with becomes a 500. */
  request(request: EdgeRequest, response: EdgeResponse): void | Promise<void>;
  refused?(refusal: Refusal): void;
}

export interface IntakeParts {
  readonly isOwnHost: (host: string) => boolean;
  readonly isDraining: () => boolean;
  readonly connections: Connections;
  readonly slow: SlowClients;
  readonly clock: Clock;
  readonly report: Report;
}

/** Where every request comes in, whoever has read it. */
export interface Intake {
  request(request: EdgeRequest, response: EdgeResponse): void;
  /** Whether the request may go on; one that may not has been answered. */
  accepts(request: EdgeRequest, response: EdgeResponse): boolean;
  /** Answers a request that may not go on, and ends its connection. */
  refuse(request: EdgeRequest, response: EdgeResponse, status: number, because: HeadFault): void;
  /** Goes on with a request that was accepted. */
  handle(request: EdgeRequest, response: EdgeResponse): void;
}

export function createIntake(
  handlers: IntakeHandlers,
  { isOwnHost, isDraining, connections, slow, clock, report }: IntakeParts,
): Intake {
  function request(request: EdgeRequest, response: EdgeResponse): void {
    if (accepts(request, response)) handle(request, response);
  }

  function accepts(request: EdgeRequest, response: EdgeResponse): boolean {
    const verdict = judgeHead(request, isOwnHost);
    if (verdict.kind === 'good') {
      if (verdict.target !== undefined) request.url = verdict.target;
      return true;
    }
    if (verdict.kind === 'server-options') {
      connections.answering(request.socket, response);
      if (isDraining()) response.shouldKeepAlive = false;
      response.writeHead(204, 'No Content', ['Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS']).end();
      return false;
    }
    refuse(request, response, verdict.status, verdict.because);
    return false;
  }

  function refuse(request: EdgeRequest, response: EdgeResponse, status: number, because: HeadFault): void {
    connections.answering(request.socket, response);
    handlers.refused?.({ status, because, request });
    answerPlain(response, status, `${because}\n`);
  }

  function handle(request: EdgeRequest, response: EdgeResponse): void {
    connections.answering(request.socket, response);
    if (request instanceof IncomingMessage && hasBody(request.headers)) slow.watchUpload(request, clock.now());
    // Of bytes behind an upgrade that was not taken up, Node's parser loses those that came with it: no second request may follow.
    if (isDraining() || request.headers.upgrade !== undefined) response.shouldKeepAlive = false;
    try {
      const handled = handlers.request(request, response);
      if (handled instanceof Promise) handled.catch((cause) => onFault(response, cause));
    } catch (cause) {
      onFault(response, cause);
    }
  }

  function onFault(response: EdgeResponse, cause: unknown): void {
    report({ type: 'error', message: 'a request could not be handled', cause });
    if (response.headersSent) response.destroy();
    else answerPlain(response, 500, 'internal error\n');
  }

  return { request, accepts, refuse, handle };
}
