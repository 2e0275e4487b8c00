import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { isConnectionField } from '../page/connection-fields.ts';
import type { Forwarding } from './forwarding.ts';
import { requestFields } from './request-fields.ts';

/** The fields of a WebSocket handshake as the origin gets them (RFC 6455 §4.1). The handshake's own names are in lower case: http-proxy looks for them so. */
export function handshakeFields(request: IncomingMessage, forwarding: Forwarding): IncomingHttpHeaders {
  const { fields } = requestFields(request, forwarding, []);
  const headers: Record<string, string | string[]> = {};
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const name = fields[at] ?? '';
    const value = fields[at + 1] ?? '';
    const before = Object.hasOwn(headers, name) ? headers[name] : undefined;
    headers[name] = before === undefined ? value : [before, value].flat();
  }
  headers.connection = 'Upgrade';
  headers.upgrade = 'websocket';
  return headers;
}

/** Readies the head of an answer that refuses the upgrade: its body is passed on unframed, until the connection ends. */
export function unframe(headers: IncomingHttpHeaders): void {
  for (const name of Object.keys(headers)) if (isConnectionField(name)) delete headers[name];
  headers.connection = 'close';
}
