import { IncomingMessage } from 'node:http';
import type { Clock } from '../clock.ts';
import type { OrderAnswer } from '../http/answers.ts';
import { type JsonBody, readJson } from '../json-body.ts';
import type { EdgeRequest } from '../messages.ts';
import { maxRecacheBytes, parseRecache, type RecacheAnswer } from './recache.ts';
import { type TokenCheck, tokenWanted } from './token-check.ts';
import { createUnknownBodies } from './unknown-bodies.ts';

export interface RecacheRequestParts {
  readonly check: TokenCheck;
  readonly recache: (urls: readonly string[]) => Promise<RecacheAnswer>;
  readonly clock: Clock;
}

/** Takes `POST /recache`. Its token stands in the head or, as prerender.io has it, in the body. */
export function createRecacheRequests({ check, recache, clock }: RecacheRequestParts) {
  const unknown = createUnknownBodies(clock);

  return async function answer(request: EdgeRequest): Promise<OrderAnswer> {
    const shown = check.shown(request);
    const isKnown = check.isKnown(shown);
    if (shown !== '' && !isKnown) return refused(401, 'token', tokenWanted);
    const reading = request instanceof IncomingMessage ? read(request) : noBody;
    const body = await (isKnown ? reading : unknown(reading));
    if (body.kind === 'given-up') return { ...refused(body.status, body.because, body.error), isUnread: true };
    if (body.kind === 'bad') return { ...refused(body.status, 'order', body.error), isUnread: body.status === 413 };
    const order = parseRecache(body.value);
    if (!isKnown && !('token' in order && check.isKnown(order.token))) return refused(401, 'token', tokenWanted);
    if ('error' in order) return refused(400, 'order', order.error);
    return answerTo(await recache(order.urls));
  };
}

async function read(request: IncomingMessage): Promise<JsonBody> {
  try {
    return await readJson(request, maxRecacheBytes);
  } catch {
    return { kind: 'bad', status: 400, error: 'The body has not come whole' };
  }
}

const noBody: Promise<JsonBody> = Promise.resolve({ kind: 'json', value: undefined });

const refused = (status: number, because: string, error: string): OrderAnswer => ({
  status,
  because,
  body: { error },
});

const words = { 200: 'recache', 403: 'foreign', 429: 'too-many' } as const satisfies Record<
  RecacheAnswer['status'],
  string
>;

const answerTo = ({ status, body }: RecacheAnswer): OrderAnswer => ({ status, because: words[status], body });
