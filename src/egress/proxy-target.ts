import type { Wire } from './tunnel.ts';

/** What a request line at the proxy means. */
export interface ProxyTarget {
  readonly url: URL;
  /** Path and query, byte for byte. */
  readonly target: string;
}

/**
 * Inside a tunnel the target is in origin form and belongs to the tunnel's host, whatever the `Host` field says;
 * outside it is in absolute form and plain HTTP (RFC 9112 §3.2). Undefined for everything else.
 */
export function targetOf(text: string, wire: Wire | undefined): ProxyTarget | undefined {
  if (wire !== undefined) {
    const url = text.startsWith('/') ? URL.parse(`${wire.scheme}://${wire.authority}${text}`) : null;
    return url === null ? undefined : { url, target: text };
  }
  const url = URL.parse(text);
  const [, path] = /^http:\/\/[^/?#]+(.*)$/i.exec(text) ?? [];
  if (url === null || path === undefined) return undefined;
  return { url, target: path.startsWith('/') ? path : `/${path}` };
}
