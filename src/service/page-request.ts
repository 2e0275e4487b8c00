import type { EdgeRequest } from '../messages.ts';
import type { Site } from '../page/site.ts';

/**
 * What of the request for a page counts for its answer: its form, what the reader has already, and the way that it came. Nothing that could make the
 * application take middleware's word for a person's, or answer with what is one person's.
 */
const kept = [
  'accept',
  'accept-encoding',
  'accept-language',
  'cdn-loop',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'range',
  'x-forwarded-for',
] as const;

/**
 * The request for a page as the site itself would have got it. Where it goes on to the application it is a renderer's: middleware there that would
 * ask us for crawlers' pages lets it through.
 */
export function pageRequest(request: EdgeRequest, { publicUrl }: Site, target: string): EdgeRequest {
  const headers: Record<string, string> = { host: publicUrl.host, 'user-agent': 'Preface', 'x-prerender': '1' };
  for (const name of kept) {
    const value = request.headers[name];
    if (value !== undefined) headers[name] = String(value);
  }
  return {
    method: request.method,
    url: originForm(publicUrl, target),
    headers,
    rawHeaders: Object.entries(headers).flat(),
    httpVersion: request.httpVersion,
    httpVersionMinor: request.httpVersionMinor,
    complete: true,
    socket: request.socket,
  };
}

/**
 * Escaped, so that it fits into one line of a request whatever it is made of, and without a fragment: neither as browsers write it nor as crawlers do,
 * by which middleware would take the request for one of theirs.
 */
function originForm({ origin }: URL, target: string): string {
  const { pathname = '/', search = '' } = URL.parse(origin + target) ?? {};
  if (!search.includes('_escaped_fragment_')) return pathname + search;
  const query = search.slice(1).split('&');
  const others = query.filter((pair) => !/^_escaped_fragment_(?:=|$)/.test(pair));
  return others.length === 0 ? pathname : `${pathname}?${others.join('&')}`;
}
