import { cacheControl } from '../page/cache-control.ts';
import { isAsset } from './asset-cache.ts';
import { ownCacheControl, ownLocation } from './exit.ts';
import type { ResponseFields } from './http-freshness.ts';
import type { RequestKind } from './request-kind.ts';

const askedAnew: ReadonlySet<RequestKind> = new Set(['document', 'frame', 'fetch']);

/**
 * The fields as Chromium may have them. Its HTTP cache outlives the render and no purge reaches it, so documents and data are to be asked for
 * anew each time, whatever their lifetime (RFC 9111 §5.2.2.4); without this it would even guess one (§4.2.2).
 */
export function fieldsForBrowser(kind: RequestKind, status: number, fields: ResponseFields): ResponseFields {
  const own = withoutMarks(fields);
  if (!askedAnew.has(kind) || isAsset(kind, own)) return own;
  const field = own['cache-control'];
  const given = Array.isArray(field) ? field.join(', ') : field;
  // A 304 changes only the fields that it has: the stored ones are such already.
  if (status === 304 && given === undefined) return own;
  const control = cacheControl(given);
  if (control.has('no-store')) return own;
  const mark = kind === 'document' ? { [ownCacheControl]: given ?? '' } : {};
  return { ...own, 'cache-control': control.has('private') ? 'private, no-cache' : 'no-cache', ...mark };
}

/** An origin's own fields of those names would be taken for ours. */
function withoutMarks(fields: ResponseFields): ResponseFields {
  if (fields[ownCacheControl] === undefined && fields[ownLocation] === undefined) return fields;
  const { [ownCacheControl]: _forged, [ownLocation]: _forgedToo, ...own } = fields;
  return own;
}
