import type { EdgeRequest } from '../messages.ts';

/** Why a request is refused before anybody looks at what it asks for. */
export type HeadFault =
  | 'bad-target'
  | 'bad-version'
  | 'duplicate-host'
  | 'host-mismatch'
  | 'invalid-framing'
  | 'invalid-host'
  | 'nominated-field'
  | 'unknown-expectation'
  | 'unknown-host';

/** What the edge makes of a request's head. A target is given back when it differs from the one that came (absolute form). */
export type HeadVerdict =
  | { readonly kind: 'good'; readonly target?: string }
  | { readonly kind: 'server-options' }
  | { readonly kind: 'bad'; readonly status: 400 | 421 | 501 | 505; readonly because: HeadFault };

type Head = Pick<EdgeRequest, 'method' | 'url' | 'rawHeaders' | 'headers' | 'httpVersion'>;

/**
 * Judges what Node's parser lets through although two readers could understand it differently: proxies are attacked where they
 * and the origin disagree. The common request costs one walk over its field names.
 */
export function judgeHead(head: Head, isOwnHost: (host: string) => boolean): HeadVerdict {
  const { httpVersion, rawHeaders, headers } = head;
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return bad(505, 'bad-version');

  let hosts = 0;
  let codings = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    // Node keeps the first `Host` and joins the codings, both in silence.
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
    else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') codings += 1;
  }
  if (hosts > 1) return bad(400, 'duplicate-host');
  const { host, connection } = headers;
  if (host !== undefined && !hostFormat.test(host)) return bad(400, 'invalid-host');

  if (codings > 0) {
    // RFC 9112 §6.1: chunked in an HTTP/1.0 message is a faulty framing; a coding that we cannot undo is not implemented.
    if (codings > 1 || httpVersion === '1.0') return bad(400, 'invalid-framing');
    if (headers['transfer-encoding']?.toLowerCase() !== 'chunked') return bad(501, 'invalid-framing');
  }
  if (connection !== undefined && connection !== 'keep-alive' && nominatesProtected(connection))
    return bad(400, 'nominated-field');
  return judgeTarget(head.url ?? '', head, isOwnHost);
}

function judgeTarget(target: string, { method, headers }: Head, isOwnHost: (host: string) => boolean): HeadVerdict {
  if (target.startsWith('/')) {
    // The WHATWG parser takes what follows two slashes for a host, and throws at some.
    return startsLikeHost.test(target) && !URL.canParse(target, 'http://localhost') ? bad(400, 'bad-target') : good;
  }
  if (target === '*') return method === 'OPTIONS' ? serverOptions : bad(400, 'bad-target');
  const absolute = absoluteForm.exec(target);
  if (absolute === null) return bad(400, 'bad-target');
  const [, authority = '', rest = ''] = absolute;
  if (!hostFormat.test(authority)) return bad(400, 'bad-target');
  // RFC 9112 §3.2.2 lets the target win; two different hosts are never an honest mistake.
  if (headers.host !== undefined && headers.host.toLowerCase() !== authority.toLowerCase())
    return bad(400, 'host-mismatch');
  if (!isOwnHost(authority)) return bad(421, 'unknown-host');
  return { kind: 'good', target: rest.startsWith('/') ? rest : `/${rest}` };
}

/** A request that really asks for a WebSocket; everything else that says `Upgrade` is an ordinary request without it. */
export function isWebSocketHandshake({ method, headers, httpVersion }: Head): boolean {
  return (
    method === 'GET' &&
    httpVersion === '1.1' &&
    headers.upgrade?.trim().toLowerCase() === 'websocket' &&
    headers['transfer-encoding'] === undefined &&
    (headers['content-length'] ?? '0') === '0'
  );
}

/** End-to-end fields that some attackers name in `Connection`, so that a proxy takes them away from the next reader. */
function nominatesProtected(connection: string): boolean {
  return connection.split(',').some((token) => protectedFields.test(token.trim()));
}

const protectedFields =
  /^(?:host|cookie|authorization|accept|accept-.*|cache-control|content-.*|date|expect|forwarded|from|if-.*|origin|pragma|range|referer|sec-.*|transfer-encoding|user-agent|via|x-forwarded-.*|x-real-ip|x-request-id|traceparent|cdn-loop|x-prerender)$/i;

/** A name, an IPv4 address or an IPv6 one in brackets, with or without a port: nothing that any parser could cut differently. */
const hostFormat = /^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;
const absoluteForm = /^https?:\/\/([^/?#]*)(.*)$/is;
const startsLikeHost = /^\/[/\\]/;

const good: HeadVerdict = { kind: 'good' };
const serverOptions: HeadVerdict = { kind: 'server-options' };
const bad = (status: 400 | 421 | 501 | 505, because: HeadFault): HeadVerdict => ({ kind: 'bad', status, because });
