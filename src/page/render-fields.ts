import { isConnectionField } from './connection-fields.ts';

/** Request fields that are written anew for every request, whoever sent it. */
export const rewrittenFields: ReadonlySet<string> = new Set(['host', 'content-length', 'expect', 'accept-encoding']);

/** What an application is told about a render, and nobody else is. */
export const renderMarks: ReadonlySet<string> = new Set([
  'x-prerender',
  'cdn-loop',
  'x-forwarded-proto',
  'x-forwarded-host',
]);

/** Whether a request field, by its lower-case name, is Preface's own to write in a render, or about one connection and no business of an operator's. */
export function isTakenField(name: string): boolean {
  return (
    isConnectionField(name) ||
    rewrittenFields.has(name) ||
    renderMarks.has(name) ||
    /^(?:proxy|sec-websocket)-/.test(name)
  );
}
