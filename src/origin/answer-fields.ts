import { STATUS_CODES } from 'node:http';
import { isConnectionField, nominatedFields } from '../page/connection-fields.ts';
import { isFieldName, isFieldText } from '../page/field-syntax.ts';
import type { AnswerHead } from './answer-head.ts';

/** What an answer's head needs to know of the exchange that it belongs to. */
export interface AnswerContext {
  /** Tokens that `Vary` must have when the answer is HTML. */
  readonly varyHtml: string | undefined;
  /** Field lines of ours, flat `[name, value, …]`. */
  readonly addHeaders: readonly string[];
  /** Trailers can follow: the client reads chunks. */
  readonly takesTrailers: boolean;
}

/** The origin's field lines as the client gets them: in their order and spelling, without those that end here, with ours after them. */
export function answerFields(
  { status, fields: theirs, names, connection }: AnswerHead,
  { varyHtml, addHeaders, takesTrailers }: AnswerContext,
): string[] {
  const value = (name: string): string | undefined => {
    const at = names.indexOf(name);
    return at < 0 ? undefined : theirs[at * 2 + 1];
  };
  const nominated = nominatedFields(connection);
  const vary = varyHtml !== undefined && isHtml(value('content-type')) ? varyHtml : undefined;
  // Node refuses to announce trailers in an answer of known length.
  const keepsTrailer = takesTrailers && value('content-length') === undefined;
  const fields: string[] = [];
  for (let at = 0; at < names.length; at += 1) {
    const name = names[at] ?? '';
    if (name === 'trailer' ? !keepsTrailer : isConnectionField(name) || nominated.has(name)) continue;
    if (name === 'vary' && vary !== undefined) continue;
    // A 204 has no length (RFC 9110 §8.6); passed on, it could be taken for one.
    if (name === 'content-length' && status === 204) continue;
    fields.push(theirs[at * 2] ?? '', theirs[at * 2 + 1] ?? '');
  }
  if (vary !== undefined) fields.push('Vary', mergedVary(all(names, theirs, 'vary'), vary));
  if (addHeaders.length > 0) fields.push(...addHeaders);
  return fields;
}

/** All values of a field as one list. */
const all = (names: readonly string[], fields: readonly string[], name: string): string =>
  names.flatMap((other, at) => (other === name ? [fields[at * 2 + 1] ?? ''] : [])).join(', ');

/**
 * The trailer lines that may follow a body: nothing that frames, routes or belongs to the connection (RFC 9110 §6.5.1), and nothing that Node
 * refuses to write. A trailer may always be left out; the body before it has been sent.
 */
export function trailerFields(lines: readonly string[]): [string, string][] {
  const fields: [string, string][] = [];
  for (let at = 0; at + 1 < lines.length; at += 2) {
    const name = lines[at] ?? '';
    const value = lines[at + 1] ?? '';
    const lower = name.toLowerCase();
    if (!isFieldName(name) || !isFieldText(value)) continue;
    if (isConnectionField(lower) || lower === 'content-length' || lower === 'host' || lower === 'set-cookie') continue;
    fields.push([name, value]);
  }
  return fields;
}

/** The origin's own words where Node can write them, else the usual ones. */
export function reasonPhrase(status: number, text: string): string {
  const usual = STATUS_CODES[status] ?? '';
  return text === usual || isFieldText(text) ? text : usual;
}

/** `Vary` with all tokens of both, each once; `*` stays what it is. */
export function mergedVary(theirs: string | undefined, ours: string): string {
  if (theirs === undefined || theirs.trim() === '') return ours;
  const tokens = theirs.split(',').map((token) => token.trim());
  if (tokens.includes('*')) return '*';
  const known = new Set(tokens.map((token) => token.toLowerCase()));
  const added = ours.split(',').map((token) => token.trim());
  return [...tokens, ...added.filter((token) => !known.has(token.toLowerCase()))].join(', ');
}

const isHtml = (contentType: string | undefined): boolean =>
  contentType !== undefined && /^\s*(?:text\/html|application\/xhtml\+xml)\s*(?:;|$)/i.test(contentType);
