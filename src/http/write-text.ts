import { STATUS_CODES } from 'node:http';
import type { EdgeResponse } from '../messages.ts';

export const textType = {
  plain: 'text/plain; charset=utf-8',
  markdown: 'text/markdown; charset=utf-8',
  json: 'application/json',
} as const;

/** A whole answer of our own. Returns how many bytes its text has. */
export function writeText(
  response: EdgeResponse,
  status: number,
  type: (typeof textType)[keyof typeof textType],
  text: string,
  fields: readonly string[],
): number {
  const body = Buffer.from(text);
  response
    .writeHead(status, STATUS_CODES[status] ?? '', [
      'Content-Type',
      type,
      'Content-Length',
      String(body.length),
      ...fields,
    ])
    .end(body);
  return body.length;
}
