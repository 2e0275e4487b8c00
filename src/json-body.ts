import type { Readable } from 'node:stream';

/** A request's body as JSON (undefined where there is none), or why it cannot be had. */
export type JsonBody =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'bad'; readonly status: 400 | 413; readonly error: string };

/** Reads no further than the limit, and leaves the connection open for the answer. Rejects when the request breaks off. */
export async function readJson(request: Readable, maxBytes: number): Promise<JsonBody> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > maxBytes) return { kind: 'bad', status: 413, error: `The body is larger than ${maxBytes} bytes` };
    chunks.push(chunk);
  }
  if (size === 0) return { kind: 'json', value: undefined };
  try {
    return { kind: 'json', value: JSON.parse(Buffer.concat(chunks).toString('utf8')) };
  } catch {
    return { kind: 'bad', status: 400, error: 'The body is not JSON' };
  }
}
