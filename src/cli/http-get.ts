import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** One request, a GET unless it says otherwise, without redirects, cookies or a pool. Rejects after `timeoutMs`. */
export function httpAnswer(
  url: URL,
  timeoutMs: number,
  headers: Readonly<Record<string, string>> = {},
  { method = 'GET', body = '' } = {},
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const signal = AbortSignal.timeout(timeoutMs);
    const request = open(url, { method, agent: false, headers, signal }, (response) => {
      text(response).then(
        (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        reject,
      );
    });
    request.once('error', (cause) =>
      reject(signal.aborted ? new Error(`no answer within ${timeoutMs} ms`) : plain(cause)),
    );
    request.end(body);
  });
}

/** A failed connection to a name with several addresses has an empty message of its own. */
function plain(cause: NodeJS.ErrnoException): Error {
  return cause.message === '' ? new Error(cause.code ?? 'no connection') : cause;
}
