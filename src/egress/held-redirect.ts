import { ownLocation } from './exit.ts';
import type { ResponseFields } from './http-freshness.ts';
import type { RequestKind } from './request-kind.ts';

/** A redirect of the document itself, in fields of which Chromium does not know that they are one: it would be on its way before anybody could stop it. */
export function heldRedirect(kind: RequestKind, status: number, fields: ResponseFields): ResponseFields {
  const { location, ...others } = fields;
  if (kind !== 'document' || status < 300 || status > 399 || location === undefined) return fields;
  return { ...others, [ownLocation]: location };
}
