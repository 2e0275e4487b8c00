import { trimmedField } from '../page/headers.ts';

/** The head of an answer as it came. */
export interface AnswerHead {
  readonly status: number;
  readonly reason: string;
  /** Field lines in order and in their own spelling, flat `[name, value, …]`. */
  readonly fields: readonly string[];
  /** The same names in lower case, one for each line. */
  readonly names: readonly string[];
  readonly framing: Framing;
  /** All that `Connection` says, as one list. */
  readonly connection: string | undefined;
  /** The connection may carry another exchange after this one. */
  readonly keepAlive: boolean;
}

/** How the end of a body is known: by its length, by its last chunk, or because the connection ends (RFC 9112 §6.3). */
export type Framing = number | 'chunked' | 'until-close';

/** An answer that cannot be read in one way only. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
  readonly code = 'PREFACE_ANSWER_INVALID';
}

const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: ([^\r\n]*))?\r\n/;

/** Reads a head from its status line to the end of its last line. Throws an {@link AnswerError} where it could be understood in two ways. */
export function parseHead(text: string, isHead: boolean): AnswerHead {
  const line = statusLine.exec(text);
  if (line === null) throw new AnswerError('a status line that is none');
  const [whole, minor, digits, reason = ''] = line;
  const status = Number(digits);
  const { fields, names } = parseFields(text, whole.length);
  let lengths = 0;
  let length = '';
  let coding: string | undefined;
  let connection: string | undefined;
  for (let at = 0; at < names.length; at += 1) {
    const value = fields[at * 2 + 1] ?? '';
    switch (names[at]) {
      case 'content-length':
        lengths += 1;
        length = value;
        break;
      case 'transfer-encoding':
        coding = coding === undefined ? value : `${coding}, ${value}`;
        break;
      case 'connection':
        connection = connection === undefined ? value : `${connection}, ${value}`;
        break;
    }
  }
  if (lengths > 1 || (lengths === 1 && (coding !== undefined || !/^\d{1,15}$/.test(length))))
    throw new AnswerError('a length in doubt');
  if (coding !== undefined && (minor === '0' || coding.toLowerCase() !== 'chunked'))
    throw new AnswerError('a transfer coding that we do not know');
  if (status === 101) throw new AnswerError('a switch of protocols that nobody has asked for');
  const hasBody = !isHead && status >= 200 && status !== 204 && status !== 304;
  const framing = !hasBody ? 0 : coding !== undefined ? 'chunked' : lengths === 1 ? Number(length) : 'until-close';
  // Some origins send a body where none may be, at times late; it would be read as the answer to the next request. After a HEAD the head looks
  // the same whether they do or not.
  const isTrusted = hasBody || (!isHead && coding === undefined && (lengths === 0 || Number(length) === 0));
  const isKept = minor === '1' ? !says(connection, 'close') : says(connection, 'keep-alive');
  return {
    status,
    reason,
    fields,
    names,
    framing,
    connection,
    keepAlive: isKept && isTrusted && framing !== 'until-close',
  };
}

/** Whether a list of options has this one. */
function says(connection: string | undefined, option: string): boolean {
  if (connection === undefined || connection === option) return connection === option;
  return connection.split(',').some((token) => token.trim().toLowerCase() === option);
}

/** Field lines from an index of the text to its end. */
export function parseFields(text: string, from: number): { fields: string[]; names: string[] } {
  const fields: string[] = [];
  const names: string[] = [];
  for (let at = from; at < text.length; ) {
    const end = text.indexOf('\r\n', at);
    const colon = text.indexOf(':', at);
    if (colon <= at || colon > end) throw new AnswerError('a field line without a name');
    const name = text.slice(at, colon);
    fields.push(name, trimmedField(text, colon + 1, end));
    names.push(name.toLowerCase());
    at = end + 2;
  }
  return { fields, names };
}
