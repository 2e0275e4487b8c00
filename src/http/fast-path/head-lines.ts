import { isFieldName, isFieldText } from '../../page/field-syntax.ts';

/** The beginning of an answer's head, checked and written out: its status line and fields. */
export interface PreparedHead {
  readonly status: number;
  readonly text: string;
  /** `Content-Length` is among the fields. */
  readonly isSized: boolean;
  readonly hasDate: boolean;
}

/** @param fields flat `[name, value, …]`. Throws a TypeError for characters that cannot stand in a head. */
export function prepareHead(status: number, reason: string, fields: readonly string[]): PreparedHead {
  if (!isFieldText(reason)) throw badCharacter('the reason phrase');
  let isSized = false;
  let hasDate = false;
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] ?? '';
    if (name.length === 14 && name.toLowerCase() === 'content-length') isSized = true;
    else if (name.length === 4 && name.toLowerCase() === 'date') hasDate = true;
  }
  return { status, text: `HTTP/1.1 ${status} ${reason}\r\n${fieldLines(fields)}`, isSized, hasDate };
}

/** Field lines with their ends. Throws a TypeError for characters that could end a name or a line early. */
export function fieldLines(fields: readonly string[]): string {
  let lines = '';
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const name = fields[at] ?? '';
    const value = fields[at + 1] ?? '';
    if (!isFieldName(name) || !isFieldText(value)) throw badCharacter(name);
    lines += `${name}: ${value}\r\n`;
  }
  return lines;
}

const badCharacter = (where: string): TypeError =>
  Object.assign(new TypeError(`a character that cannot stand in a head: ${where}`), { code: 'ERR_INVALID_CHAR' });

let second = 0;
let line = '';

/** The present moment (RFC 9110 §6.6.1), written out once a second. */
export function dateLine(): string {
  const now = Math.floor(Date.now() / 1000);
  if (now !== second) {
    second = now;
    line = `Date: ${new Date(now * 1000).toUTCString()}\r\n`;
  }
  return line;
}
