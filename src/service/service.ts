import type { Clock } from '../clock.ts';
import type { Answers } from '../http/answers.ts';
import type { EdgeRequest, EdgeResponse } from '../messages.ts';
import { createPageOrders, type ServiceRoom } from './page-orders.ts';
import type { RecacheAnswer } from './recache.ts';
import { createRecacheRequests } from './recache-request.ts';
import { readOrder } from './service-order.ts';
import { createTokenCheck, tokenWanted } from './token-check.ts';
import { websiteRefusal } from './website-guard.ts';

export interface ServiceParts {
  readonly rooms: () => readonly ServiceRoom[];
  /** What whoever asks must show; empty only where no other machine can ask. */
  readonly token: string;
  readonly answers: Answers;
  readonly recache: (urls: readonly string[]) => Promise<RecacheAnswer>;
  readonly clock: Clock;
}

export interface Service {
  request(request: EdgeRequest, response: EdgeResponse): void;
}

/** Answers middleware that asks for the pages of crawlers: pages of the configured sites, and of no others. */
export function createService({ rooms, token, answers, recache, clock }: ServiceParts): Service {
  const check = createTokenCheck(token);
  const sites = () => rooms().map(({ site }) => site);
  const answerPage = createPageOrders(rooms, answers);
  const answerRecache = createRecacheRequests({ check, recache, clock });

  function request(request: EdgeRequest, response: EdgeResponse): void {
    const order = readOrder(request.method ?? '', request.url ?? '/');
    if (order.kind === 'health') return writeHealth(request, response);
    const exchange = answers.begin(request, response);
    const refusal = token === '' ? websiteRefusal(request.headers, sites()) : undefined;
    if (order.kind === 'recache') {
      if (refusal) return answers.order(exchange, { status: 403, because: 'website', body: { error: refusal } });
      return answers.later(exchange, answerRecache(request), (answer) => answers.order(exchange, answer));
    }
    if (refusal) return answers.refuse(exchange, 403, 'website', `${refusal}\n`);
    if (!check.isKnown(check.shown(request))) return answers.refuse(exchange, 401, 'token', `${tokenWanted}\n`);
    if (order.kind === 'refused') return answers.refuse(exchange, order.status, 'order', `${order.text}\n`);
    answerPage(exchange, order);
  }

  return { request };
}

function writeHealth(request: EdgeRequest, response: EdgeResponse): void {
  const fields = ['Content-Type', 'text/plain; charset=utf-8', 'Content-Length', '3', 'Cache-Control', 'no-store'];
  response.writeHead(200, 'OK', fields);
  if (request.method === 'HEAD') response.end();
  else response.end('OK\n', 'latin1');
}
