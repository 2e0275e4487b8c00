import { type InnerList, type Item, parseDictionary } from './structured-fields.ts';
import type { SignedMessage } from './verifier.ts';

/**
 * What was signed (RFC 9421 §2.5), from the message as it came here. Undefined when something is covered that the message has not or
 * that we cannot put together again.
 */
export function signatureBase(message: SignedMessage, covered: InnerList, scheme: string): string | undefined {
  const names = covered.items.map(({ text }) => text);
  if (new Set(names).size < names.length) return undefined;
  const lines = covered.items.map((component) => {
    const value = componentValue(message, component, scheme);
    return value === undefined ? undefined : `${component.text}: ${value}`;
  });
  if (lines.includes(undefined)) return undefined;
  return [...lines, `"@signature-params": ${covered.text}`].join('\n');
}

function componentValue(message: SignedMessage, { value: name, params }: Item, scheme: string): string | undefined {
  if (typeof name !== 'string') return undefined;
  if (name.startsWith('@')) return params.size === 0 ? derivedValue(message, name, scheme) : undefined;
  const field = message.headers[name];
  if (typeof field !== 'string') return undefined;
  if (params.size === 0) return field.trim();
  const key = params.get('key');
  // Of the parameters only `key` means something here: the others are for responses, trailers and other serialisations.
  return params.size === 1 && typeof key === 'string' ? parseDictionary(field)?.get(key)?.text : undefined;
}

/** RFC 9421 §2.2. */
function derivedValue({ method, url = '', headers }: SignedMessage, name: string, scheme: string): string | undefined {
  const authority = authorityOf(headers.host, scheme);
  const [path = '', query] = splitTarget(url);
  switch (name) {
    case '@authority':
      return authority;
    case '@method':
      return method;
    case '@scheme':
      return scheme;
    case '@path':
      return path;
    case '@query':
      return `?${query ?? ''}`;
    case '@request-target':
      return url;
    case '@target-uri':
      return authority && `${scheme}://${authority}${url}`;
    default:
      return undefined;
  }
}

/** In lower case and without the port that goes without saying (RFC 9421 §2.2.3). */
function authorityOf(host: string | readonly string[] | undefined, scheme: string): string | undefined {
  const url = `${scheme}://${host}`;
  return typeof host === 'string' && URL.canParse(url) ? new URL(url).host : undefined;
}

function splitTarget(target: string): [path: string, query?: string] {
  const at = target.indexOf('?');
  return at < 0 ? [target] : [target.slice(0, at), target.slice(at + 1)];
}
