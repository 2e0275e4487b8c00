import { ownLocation } from './exit.ts';
import type { ResponseFields } from './http-freshness.ts';
import type { RequestKind } from './request-kind.ts';

/**
 * Whether a redirect that answers this belongs to the reader. On plain HTTP a frame's request looks like a document's (request-kind.ts), so the
 * address has to be the render's own as well.
 */
export function holdsRedirect(kind: RequestKind, url: URL, documentUrl: string): boolean {
  if (kind !== 'document') return false;
  const own = URL.parse(documentUrl);
  if (own === null) return false;
  own.hash = '';
  return own.href === url.href;
}

/** A redirect in fields of which Chromium does not know that they are one: it would be on its way before anybody could stop it. */
export function heldRedirect(status: number, fields: ResponseFields): ResponseFields {
  const { location, ...others } = fields;
  if (status < 300 || status > 399 || location === undefined) return fields;
  return { ...others, [ownLocation]: location };
}
