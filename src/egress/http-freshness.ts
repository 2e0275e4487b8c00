import type { IncomingHttpHeaders } from 'node:http';
import type { AnswerFields } from '../origin/client.ts';
import { cacheControl, deltaSecondsMs } from '../page/cache-control.ts';

/** Response fields by lower-case name. */
export type ResponseFields = AnswerFields;

/** May a cache that all tabs share keep this answer (RFC 9111 §3), and until when is it fresh? Undefined: it may not. */
export function storableUntil(
  request: IncomingHttpHeaders,
  status: number,
  fields: ResponseFields,
  now: number,
): number | undefined {
  if (status !== 200 || fields['set-cookie'] !== undefined) return undefined;
  // Stored bodies are decoded and kept per `Origin`, so these two do not tell answers apart.
  if (!one(fields.vary).split(',').every(isHarmlessVary)) return undefined;
  const control = cacheControl(fields['cache-control']);
  if (control.has('no-store') || control.has('private')) return undefined;
  if (request.authorization !== undefined && !control.has('public') && !control.has('s-maxage')) return undefined;

  const freshUntil = control.has('no-cache') ? now : now + lifetimeMs(control, fields, now) - ageMs(fields);
  if (freshUntil > now) return freshUntil;
  // Worth keeping only if the origin can be asked whether it is still right.
  return fields.etag !== undefined || fields['last-modified'] !== undefined ? freshUntil : undefined;
}

const isHarmlessVary = (name: string) => ['', 'accept-encoding', 'origin'].includes(name.trim().toLowerCase());

const one = (value: string | string[] | undefined) => (Array.isArray(value) ? value.join(',') : (value ?? ''));

/** Explicit lifetimes only (RFC 9111 §4.2.1): guessing one from Last-Modified (§4.2.2) could hide a deployment. */
function lifetimeMs(control: ReadonlyMap<string, string>, fields: ResponseFields, now: number): number {
  const declared = control.get('s-maxage') ?? control.get('max-age');
  if (declared !== undefined) return deltaSecondsMs(declared) ?? 0;
  const expires = Date.parse(one(fields.expires));
  if (Number.isNaN(expires)) return 0;
  const date = Date.parse(one(fields.date));
  return Math.max(0, expires - (Number.isNaN(date) ? now : date));
}

/** The age it came with (RFC 9111 §5.1); its own way here is loopback or seconds, and is not counted. */
function ageMs(fields: ResponseFields): number {
  return deltaSecondsMs(one(fields.age)) ?? 0;
}

/** Does the client's copy equal ours, so that 304 is the answer (RFC 9110 §13.1.2, §13.1.3)? */
export function clientHasIt(request: IncomingHttpHeaders, fields: ResponseFields): boolean {
  const tags = request['if-none-match'];
  if (tags !== undefined) {
    const ours = weakly(one(fields.etag));
    return ours !== '' && (tags.trim() === '*' || tags.split(',').some((tag) => weakly(tag) === ours));
  }
  const since = Date.parse(request['if-modified-since'] ?? '');
  return !Number.isNaN(since) && Date.parse(one(fields['last-modified'])) <= since;
}

/** A tag for weak comparison (RFC 9110 §8.8.3.2): a proxy that packs an answer weakens its tag. */
export const weakly = (tag: string) => tag.trim().replace(/^W\//, '');
