import type { AnswerFields, ClientRequest, HttpClient } from '../origin/client.ts';

export interface WholeAnswer {
  readonly status: number;
  readonly fields: AnswerFields;
  /** As it came; empty where it was not wanted. */
  readonly body: Buffer;
}

export interface Wish {
  readonly signal: AbortSignal;
  readonly maxBytes: number;
  /** Whether the body is worth waiting for. */
  readonly wantsBody: (status: number, fields: AnswerFields) => boolean;
}

/** Asks, and waits for the end of the answer. Rejects when it breaks off, is larger than it may be, or nobody waits any more. */
export async function wholeAnswer(client: HttpClient, request: ClientRequest, wish: Wish): Promise<WholeAnswer> {
  const first = await attempt(client, request, wish);
  // A kept-alive connection may have been closed while the request was on its way.
  return first === 'lost' && request.method === 'GET' ? whole(await attempt(client, request, wish)) : whole(first);
}

function whole(answer: WholeAnswer | 'lost'): WholeAnswer {
  if (answer === 'lost') throw new Error('the connection was lost');
  return answer;
}

function attempt(
  client: HttpClient,
  request: ClientRequest,
  { signal, maxBytes, wantsBody }: Wish,
): Promise<WholeAnswer | 'lost'> {
  const { promise, resolve, reject } = Promise.withResolvers<WholeAnswer | 'lost'>();
  const pieces: Buffer[] = [];
  let head: Omit<WholeAnswer, 'body'> = { status: 0, fields: {} };
  let bytes = 0;
  const end = () => resolve({ ...head, body: Buffer.concat(pieces) });
  const asking = client.ask(request, {
    onHead(status, _reason, fields) {
      head = { status, fields };
      if (status === 304 || wantsBody(status, fields)) return;
      end();
      asking.abort();
    },
    onBody(piece) {
      bytes += piece.byteLength;
      pieces.push(piece);
      if (bytes <= maxBytes) return;
      reject(new Error('too large'));
      asking.abort();
    },
    onEnd: end,
    onError: (error, wasLost) => (wasLost && bytes === 0 && head.status === 0 ? resolve('lost') : reject(error)),
  });
  const gone = () => {
    reject(signal.reason);
    asking.abort();
  };
  signal.addEventListener('abort', gone, { once: true });
  if (signal.aborted) gone();
  return promise.finally(() => signal.removeEventListener('abort', gone));
}
