import { isFieldText } from '../page/field-syntax.ts';
import { ConnectionError } from './connection-error.ts';

/** A request as it goes out. */
export interface OutgoingHead {
  readonly method: string;
  readonly path: string;
  /** Flat `[name, value, …]`. */
  readonly fields: readonly string[];
  readonly body: 'none' | 'sized' | 'chunked';
}

/** A request's head in the form of RFC 9112 §3. Throws when a character in it could end a line; no parser before this one should let such a one through. */
export function requestText({ method, path, fields, body }: OutgoingHead): string {
  if (badInPath.test(path)) throw invalidRequest('its target');
  let text = `${method} ${path} HTTP/1.1\r\n`;
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const value = fields[at + 1] ?? '';
    if (!isFieldText(value)) throw invalidRequest(fields[at] ?? '');
    text += `${fields[at]}: ${value}\r\n`;
  }
  if (body === 'chunked') text += 'Transfer-Encoding: chunked\r\n';
  return `${text}Connection: keep-alive\r\n\r\n`;
}

const badInPath = /[^\x21-\x7e\x80-\xff]/;

const invalidRequest = (what: string): ConnectionError =>
  new ConnectionError('PREFACE_REQUEST_INVALID', `the request cannot be sent: a character in ${what}`);
