import { IncomingMessage } from 'node:http';
import type { OrderAnswer } from '../http/answers.ts';
import { type JsonBody, readJson } from '../json-body.ts';
import type { EdgeRequest } from '../messages.ts';
import { maxRecacheBytes, parseRecache, type RecacheAnswer } from './recache.ts';
import { type TokenCheck, tokenWanted } from './token-check.ts';

export interface RecacheRequestParts {
  readonly check: TokenCheck;
  readonly recache: (urls: readonly string[]) => Promise<RecacheAnswer>;
}

/** Bodies that are read at once of those who have shown no token yet: each may be some megabytes, and slow. */
const maxUnknown = 8;

/** Takes `POST /recache`. Its token stands in the head or, as prerender.io has it, in the body. */
export function createRecacheRequests({ check, recache }: RecacheRequestParts) {
  let unknown = 0;

  return async function answer(request: EdgeRequest): Promise<OrderAnswer> {
    const shown = check.shown(request);
    const isKnown = check.isKnown(shown);
    if (shown !== '' && !isKnown) return refused(401, 'token', tokenWanted);
    if (!isKnown && unknown >= maxUnknown)
      return refused(429, 'too-many', 'Too many ask at once without X-Prerender-Token');
    const body = request instanceof IncomingMessage ? await read(request, isKnown) : noBody;
    if (body.kind === 'bad') return refused(body.status, 'order', body.error);
    const order = parseRecache(body.value);
    if (!isKnown && !('token' in order && check.isKnown(order.token))) return refused(401, 'token', tokenWanted);
    if ('error' in order) return refused(400, 'order', order.error);
    return answerTo(await recache(order.urls));
  };

  async function read(request: IncomingMessage, isKnown: boolean): Promise<JsonBody> {
    if (!isKnown) unknown += 1;
    try {
      return await readJson(request, maxRecacheBytes);
    } catch {
      return { kind: 'bad', status: 400, error: 'The body has not come whole' };
    } finally {
      if (!isKnown) unknown -= 1;
    }
  }
}

const noBody = { kind: 'json', value: undefined } as const;

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
