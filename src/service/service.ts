import { IncomingMessage, STATUS_CODES } from 'node:http';
import type { Answers } from '../http/answers.ts';
import { type JsonBody, readJson } from '../json-body.ts';
import type { EdgeRequest, EdgeResponse } from '../messages.ts';
import { isSameSecret } from '../same-secret.ts';
import { createPageOrders, type ServiceRoom } from './page-orders.ts';
import { maxRecacheBytes, parseRecache, type RecacheAnswer } from './recache.ts';
import { readOrder } from './service-order.ts';

export interface ServiceParts {
  readonly rooms: () => readonly ServiceRoom[];
  /** What whoever asks must show; empty only where no other machine can ask. */
  readonly token: string;
  readonly answers: Answers;
  readonly recache: (urls: readonly string[]) => Promise<RecacheAnswer>;
}

export interface Service {
  request(request: EdgeRequest, response: EdgeResponse): void | Promise<void>;
}

/** Bodies that are read at once of those who have shown no token yet: each may be some megabytes, and slow. */
const maxUnknown = 8;

/** Answers middleware that asks for the pages of crawlers: pages of the configured sites, and of no others. */
export function createService({ rooms, token, answers, recache }: ServiceParts): Service {
  const answerPage = createPageOrders(rooms, answers);
  let unknown = 0;

  function request(request: EdgeRequest, response: EdgeResponse): void | Promise<void> {
    const order = readOrder(request.method ?? '', request.url ?? '/');
    if (order.kind === 'health') return write(request, response, 200, 'OK\n');
    if (order.kind === 'recache') return recacheFor(request, response);
    const exchange = answers.begin(request, response);
    if (!isKnown(tokenOf(request))) return answers.refuse(exchange, 401, 'token', `${tokenWanted}\n`);
    if (order.kind === 'refused') return answers.refuse(exchange, order.status, 'order', `${order.text}\n`);
    answerPage(exchange, order);
  }

  async function recacheFor(request: EdgeRequest, response: EdgeResponse): Promise<void> {
    const give = (status: number, body: object) => write(request, response, status, `${JSON.stringify(body)}\n`);
    const shown = tokenOf(request);
    if (shown !== '' && !isKnown(shown)) return give(401, { error: tokenWanted });
    // Without a token everybody on this machine may ask, but no website that somebody on it has open.
    if (token === '' && request.headers.origin !== undefined) return give(403, { error: 'Websites may not ask here' });
    if (!isKnown(shown) && unknown >= maxUnknown)
      return give(429, { error: 'Too many ask at once without X-Prerender-Token' });
    const body = request instanceof IncomingMessage ? await read(request, isKnown(shown)) : noBody;
    if (body.kind === 'bad') return give(body.status, { error: body.error });
    const order = parseRecache(body.value);
    if (!isKnown(shown) && !('token' in order && isKnown(order.token))) return give(401, { error: tokenWanted });
    if ('error' in order) return give(400, order);
    const answer = await recache(order.urls);
    give(answer.status, answer.body);
  }

  async function read(request: IncomingMessage, isFromKnown: boolean): Promise<JsonBody> {
    if (!isFromKnown) unknown += 1;
    try {
      return await readJson(request, maxRecacheBytes);
    } catch {
      return { kind: 'bad', status: 400, error: 'The body has not come whole' };
    } finally {
      if (!isFromKnown) unknown -= 1;
    }
  }

  const isKnown = (shown: string): boolean => token === '' || isSameSecret(shown, token);

  return { request };
}

const tokenOf = ({ headers }: EdgeRequest): string => String(headers['x-prerender-token'] ?? '');

const noBody = { kind: 'json', value: undefined } as const;
const tokenWanted = 'A token is required: X-Prerender-Token with the value of service.token';

function write(request: EdgeRequest, response: EdgeResponse, status: number, text: string): void {
  const body = Buffer.from(text);
  const fields = ['Content-Type', text.startsWith('{') ? 'application/json' : 'text/plain; charset=utf-8'];
  fields.push('Content-Length', String(body.length), 'Cache-Control', 'no-store');
  if (status === 429) fields.push('Retry-After', '60');
  // What is left of a body is not read.
  if (status === 413) response.shouldKeepAlive = false;
  response.writeHead(status, STATUS_CODES[status] ?? '', fields);
  if (request.method === 'HEAD') response.end();
  else response.end(body);
}
