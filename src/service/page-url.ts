import { type Refusal, refused } from './service-parameters.ts';

/** The URL of a page as middleware names it, in plain form, or what is wrong with it. */
export function pageUrl(text: string): string | Refusal {
  const plain = plainUrl(text.trim());
  if (plain === undefined) return refused(400, "The page's URL has escapes that are not UTF-8");
  const [, scheme] = /^([a-z][a-z\d+.-]*):/i.exec(plain) ?? [];
  if (scheme === undefined) return refused(404, usage);
  if (!/^https?$/i.test(scheme)) return refused(400, 'A page has a URL that begins with http:// or https://');
  // Proxies that merge slashes leave one.
  const url = plain.replace(/^(https?):\/(?!\/)/i, '$1://');
  const [, authority] = /^https?:\/\/([^/?#\\]+)/i.exec(url) ?? [];
  if (authority === undefined || !URL.canParse(url)) return refused(400, 'This is not the URL of a page');
  if (authority.includes('@')) return refused(400, "The page's URL must not have a user or password");
  return url;
}

/** Middleware escapes the URL as a whole, or leaves it as it is. */
function plainUrl(text: string): string | undefined {
  const { path, query } = cutAtQuery(text);
  if (!isEscaped(path)) return text;
  try {
    const url = decodeURIComponent(path);
    return query === '' ? url : `${url}${url.includes('?') ? '&' : '?'}${query}`;
  } catch {
    return undefined;
  }
}

/** As a whole, like a parameter's value. */
export const isEscaped = (text: string): boolean => /^https?%3a/i.test(text);

/**
 * The usual rule for nginx (`rewrite … /$scheme://$host$request_uri? break`) has nginx escape the page's URL once more: its question mark and its
 * percent signs, and nothing else. That is undone where it cannot be meant: a path may have an escaped question mark, but hardly one with
 * `name=value` behind it, and hardly an escaped escape.
 */
export function withoutSecondEscapes(target: string): string {
  if (target.includes('?') || /%(?!25|3f)/i.test(target)) return target;
  if (!/%25[\da-f]{2}|%3f[^/]*=/i.test(target)) return target;
  const undone = target.replace(/%25|%3f/gi, (twice) => (twice === '%25' ? '%' : '?'));
  return isUtf8(undone) ? undone : target;
}

function isUtf8(text: string): boolean {
  try {
    return decodeURIComponent(text) !== '';
  } catch {
    return false;
  }
}

export function cutAtQuery(text: string): { readonly path: string; readonly query: string } {
  const mark = text.indexOf('?');
  return mark < 0 ? { path: text, query: '' } : { path: text.slice(0, mark), query: text.slice(mark + 1) };
}

const usage =
  'This is a rendering service. Name a page: /https://www.example.com/, /render?url=https%3A%2F%2Fwww.example.com%2F or /render/https://www.example.com/';
