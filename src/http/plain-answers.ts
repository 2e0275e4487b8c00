import { STATUS_CODES } from 'node:http';
import type { EdgeResponse } from '../messages.ts';

/** What a client is told of bytes that are no request. */
export const statusOfParserError = (code: string | undefined): number => parserStatus[code ?? ''] ?? 400;

/** llhttp and Node have their own words for these (RFC 6585 §5, RFC 9110 §15.5). */
const parserStatus: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** An answer for a socket that has no response of its own. */
export const rawAnswer = (status: number): string =>
  `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;

/** Answers with a line of text and ends the connection. */
export function answerPlain(response: EdgeResponse, status: number, text: string): void {
  const fields = ['Content-Type', 'text/plain; charset=utf-8', 'Content-Length', String(text.length)];
  response.shouldKeepAlive = false;
  response.writeHead(status, STATUS_CODES[status] ?? '', [...fields, 'Cache-Control', 'no-store']).end(text, 'latin1');
}
