import { isFieldText } from '../page/field-syntax.ts';
import type { HeaderList } from '../page/headers.ts';
import type { PageSigns } from './page-signs.ts';

/** What a page's signs come to, once everything in them that may not be has been left out. */
export interface SignedAnswer {
  /** Never 200, which says nothing. A redirect status may stand without a location. */
  readonly status?: number;
  readonly location?: string;
  readonly headers: HeaderList;
}

/** A page may set these and no others: its text is partly written by strangers. `location` counts with a redirect only. */
const signableHeaders = new Set([
  'location',
  'cache-control',
  'x-robots-tag',
  'link',
  'content-language',
  'retry-after',
]);

/** Reads Prerender's signs, and Rendertron's where there are none of those, for the page at `url`. */
export function signedAnswer(signs: PageSigns, originStatus: number, url: string): SignedAnswer {
  // Rendertron's signs mend an origin that answers 200 for everything; they do not hide an error.
  const heedsRendertron = originStatus === 200;
  const status = statusFrom(signs.statusCode ?? (heedsRendertron ? signs.rendertronStatusCode : undefined));
  const lines = [...signs.headers];
  if (heedsRendertron && signs.rendertronHeader !== undefined) lines.push(signs.rendertronHeader);

  const fields = lines.map(fieldFrom).filter((field) => field !== undefined);
  const location = redirectUrl(fields.find(([name]) => name === 'location')?.[1], url);
  return {
    ...(status !== undefined && { status }),
    ...(location !== undefined && { location }),
    headers: fields.filter(([name]) => name !== 'location'),
  };
}

export function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

/** The absolute form of a Location that may be sent and that leads away from `url`; undefined for any other. */
export function redirectUrl(location: string | undefined, url: string): string | undefined {
  if (location === undefined || !isFieldValue(location)) return undefined;
  // An absolute URL or a path; `//host` and `\\host` are read differently by different readers.
  if (!/^(?:https?:\/\/[^/\\]|\/(?![/\\]))/i.test(location)) return undefined;
  const to = URL.parse(location, url);
  if (to === null || to.username !== '' || to.password !== '') return undefined;
  return withoutFragment(to) === withoutFragment(new URL(url)) ? undefined : to.href;
}

function withoutFragment(url: URL): string {
  return url.href.slice(0, url.href.length - url.hash.length);
}

function statusFrom(text: string | undefined): number | undefined {
  const digits = /^\s*([2-5]\d\d)\s*$/.exec(text ?? '')?.[1];
  if (digits === undefined) return undefined;
  const status = Number(digits);
  // 204 and 205 have no content, other 3xx no Location (RFC 9110 §15.3.5, §15.3.6, §15.4).
  if (status === 200 || status === 204 || status === 205) return undefined;
  return status >= 300 && status < 400 && !isRedirect(status) ? undefined : status;
}

function fieldFrom(line: string): readonly [string, string] | undefined {
  const colon = line.indexOf(':');
  if (colon < 0) return undefined;
  const name = line.slice(0, colon).trim().toLowerCase();
  const value = line.slice(colon + 1).trim();
  return signableHeaders.has(name) && value !== '' && isFieldValue(value) ? [name, value] : undefined;
}

/** RFC 9110 §5.5: no control characters, so that a value cannot begin a line of its own. */
export function isFieldValue(value: string): boolean {
  return value.length <= 8192 && isFieldText(value);
}
