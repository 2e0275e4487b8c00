import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { RenderInput } from '../page/snapshot.ts';

/** What a page may send in one request. More is not a page's data but a file's. */
const maxRequestBytes = 8 * 1024 * 1024;

/** The whole body; undefined when it is too large or its sender left. */
export function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    request.on('data', (piece: Buffer) => {
      bytes += piece.byteLength;
      if (bytes > maxRequestBytes) resolve(undefined);
      else pieces.push(piece);
    });
    request.on('end', () => resolve(Buffer.concat(pieces)));
    request.on('close', () => resolve(undefined));
  });
}

/** What is kept of a request to ask it again later: a query, not an upload. */
const maxRepeatableBytes = 16 * 1024;

/** The body of a POST in a form that can be written down; undefined when it is long, or no text. */
export function repeatableBody(
  { method, headers }: IncomingMessage,
  body: Buffer,
): Pick<RenderInput, 'requestBody' | 'requestType'> | undefined {
  if (method !== 'POST' || body.byteLength > maxRepeatableBytes || !isUtf8(body)) return undefined;
  const type = headers['content-type'];
  return { requestBody: body.toString('utf8'), ...(type !== undefined && { requestType: type }) };
}
