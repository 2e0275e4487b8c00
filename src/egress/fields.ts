import { isConnectionField, nominatedFields } from '../page/connection-fields.ts';
import { renderMarks, rewrittenFields } from '../page/render-fields.ts';
import type { ResponseFields } from './http-freshness.ts';

/** Chromium would keep these beyond the render, or act on them around the egress. */
const browserState = new Set([
  'alt-svc',
  // A login that a page's script answers would be remembered for the next page of the tab: no wipe reaches it.
  'www-authenticate',
  'strict-transport-security',
  'public-key-pins',
  'nel',
  'report-to',
  'reporting-endpoints',
]);

/** What the site's origin is told about the request, and other hosts are not. */
export interface SiteMark {
  readonly publicHost: string;
  readonly publicScheme: string;
  /** Fields that the operator gives every request to the application, in place of the page's own of that name. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface UpstreamRequest {
  readonly rawHeaders: readonly string[];
  readonly host: string;
  /** Validators of a copy that we hold, in place of the browser's own. */
  readonly validators?: readonly string[];
  readonly site?: SiteMark;
}

const conditions = new Set(['if-none-match', 'if-modified-since']);

/** The fields of the upstream request, flat. Only codings that we can undo are asked for, and none for a range. */
export function upstreamFields({ rawHeaders, host, validators, site }: UpstreamRequest): string[] {
  const fields = ['host', host];
  const named = nominated(rawHeaders);
  const given = Object.entries(site?.headers ?? {});
  const replaced = new Set(given.map(([name]) => name.toLowerCase()));
  let identity = true;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    const value = rawHeaders[index + 1] ?? '';
    const lower = name.toLowerCase();
    if (lower === 'accept-encoding') identity = !value.includes('gzip');
    if (isConnectionField(lower) || rewrittenFields.has(lower) || named.has(lower)) continue;
    if (validators !== undefined && conditions.has(lower)) continue;
    if (site !== undefined && (renderMarks.has(lower) || replaced.has(lower))) continue;
    fields.push(name, value);
  }
  fields.push('accept-encoding', identity ? 'identity' : 'gzip, br, zstd');
  if (validators !== undefined) fields.push(...validators);
  if (site !== undefined) {
    fields.push('x-forwarded-proto', site.publicScheme, 'x-forwarded-host', site.publicHost);
    fields.push('x-prerender', '1', 'cdn-loop', 'preface');
    for (const [name, value] of given) fields.push(name, value);
  }
  return fields;
}

const ofOneBrowser = new Set(['accept-encoding', 'cookie', 'if-range', 'range', ...conditions]);

/** A request's fields without what is of one browser: its cookies, what it holds already, and what part of the file it wants in which coding. */
export function ownFields(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_, index) => !ofOneBrowser.has((rawHeaders[index - (index % 2)] ?? '').toLowerCase()));
}

/** The answer's fields for Chromium, flat, in the origin's order; without its coding when the body is decoded. */
export function answerFields(fields: ResponseFields, decoded: boolean): string[] {
  const flat: string[] = [];
  const named = nominatedFields(fields.connection === undefined ? undefined : String(fields.connection));
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || isConnectionField(name) || browserState.has(name) || named.has(name)) continue;
    if (decoded && (name === 'content-encoding' || name === 'content-length')) continue;
    if (Array.isArray(value)) for (const each of value) flat.push(name, each);
    else flat.push(name, value);
  }
  return flat;
}

function nominated(rawHeaders: readonly string[]): ReadonlySet<string> {
  const at = rawHeaders.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === 'connection');
  return nominatedFields(at < 0 ? undefined : rawHeaders[at + 1]);
}
