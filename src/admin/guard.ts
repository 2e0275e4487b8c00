import type { IncomingHttpHeaders } from 'node:http';
import { isSameSecret } from '../same-secret.ts';
import { isLoopbackName, isOfAnotherOrigin, isOfAnotherSite } from '../website-signs.ts';

/** Why a request is not let in, or undefined. */
export type Refusal = { readonly status: 401 | 403; readonly error: string } | undefined;

/**
 * Who may use the admin listener: whoever has the token. Without one (it is on a loopback address then) everybody on this machine, but no website
 * that somebody on this machine has open: neither by a request across origins nor under a name of its own that leads here (DNS rebinding).
 */
export function refusalOf(method: string, headers: IncomingHttpHeaders, token: string): Refusal {
  if (token !== '') {
    if (isSameSecret(headers.authorization ?? '', `Bearer ${token}`)) return undefined;
    return { status: 401, error: 'A token is required: Authorization: Bearer <admin.token>' };
  }
  const { host = '', origin } = headers;
  const isVisit = method === 'GET' && headers['sec-fetch-mode'] === 'navigate';
  if (isOfAnotherOrigin(headers) || (isOfAnotherSite(headers) && !isVisit)) {
    return forbidden('other websites may not ask here');
  }
  // PURGE names its site in Host; a browser would name the website in Origin, too.
  const namesSite = method === 'PURGE' && origin === undefined;
  if (namesSite || isLoopbackName(host)) return undefined;
  return forbidden(`without admin.token only localhost is known here, not ${host}`);
}

const forbidden = (error: string) => ({ status: 403, error }) as const;
