import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { EdgeRequest } from '../../messages.ts';
import { trimmedField } from '../../page/headers.ts';

/** A GET or HEAD without a body, whose head has come in one piece and can be understood in one way only. */
export interface FastRequest extends EdgeRequest {
  readonly method: 'GET' | 'HEAD';
}

/** A head's field lines, taken apart. */
interface Fields {
  /** From the first name to the blank line. */
  readonly text: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: string[];
}

/**
 * Reads the requests of one connection from bytes that came together, each as a character. Gives `undefined` for everything that Node's parser should see: a body, an
 * upgrade, a doubled field, a second request behind the first, a head that is not whole, and whatever is not strict HTTP/1.1 (RFC 9112 §3, §5).
 * It refuses nothing and mends nothing: what it takes is a part of what Node takes, understood in the same way.
 */
export function createRequestReader(socket: Socket, maxBytes: number): (text: string) => FastRequest | undefined {
  // Crawlers, and proxies in front of us, ask for one page after another with the same fields: those are taken apart once.
  let last: Fields | undefined;

  return (text) => {
    if (text.length > maxBytes) return undefined;
    const line = requestLine.exec(text);
    if (line === null) return undefined;
    const [whole, method, url] = line;
    const fieldText = text.slice(whole.length);
    const fields = last?.text === fieldText ? last : readFields(fieldText);
    if (fields === undefined) return undefined;
    last = fieldText.length <= maxKeptLength ? fields : undefined;
    const { headers, rawHeaders } = fields;
    const isGet = method === 'GET';
    return { method: isGet ? 'GET' : 'HEAD', url, headers, rawHeaders, ...oneDotOne, complete: true, socket };
  };
}

/** Node leaves out what comes behind so many. */
const maxLines = 1_000;

/** Ten thousand idle connections may each hold as much. */
const maxKeptLength = 2_048;

function readFields(text: string): Fields | undefined {
  if (!wholeFields.test(text)) return undefined;
  const headers: Record<string, string> & IncomingHttpHeaders = Object.create(null);
  const rawHeaders: string[] = [];
  const end = text.length - 2;
  for (let at = 0; at < end; ) {
    const lineEnd = text.indexOf('\r\n', at);
    const colon = text.indexOf(':', at);
    const name = text.slice(at, colon);
    const value = trimmedField(text, colon + 1, lineEnd);
    const lower = name.toLowerCase();
    if (isLeftToNode(lower, value) || headers[lower] !== undefined) return undefined;
    headers[lower] = value;
    rawHeaders.push(name, value);
    at = lineEnd + 2;
  }
  if (rawHeaders.length > 2 * maxLines) return undefined;
  return headers.host === undefined ? undefined : { text, headers, rawHeaders };
}

const oneDotOne = { httpVersion: '1.1', httpVersionMinor: 1 } as const;

const requestLine = /^(GET|HEAD) (\/[\x21-\x7e]*) HTTP\/1\.1\r\n/;

/** Field lines up to the last byte: tokens, visible characters, and line ends only where lines end. */
const wholeFields = /^(?:[!#$%&'*+\-.^_`|~\dA-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n)+\r\n$/;

/** Fields that make a request more than a question: they frame a body, ask for another protocol, or speak about this connection. */
function isLeftToNode(name: string, value: string): boolean {
  if (name === 'connection') return value !== 'keep-alive';
  return special.has(name);
}

const special = new Set([
  'content-length',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  // Node makes a list of it.
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
