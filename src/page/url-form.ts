/**
 * The one spelling of a path, a parameter and a fragment (RFC 3986 §6.2.2). All functions take any string, never throw, and
 * leave a text alone that they made themselves. What is not ASCII is taken as Unicode and written as escaped UTF-8.
 */

/** A path that has only one spelling already: no escapes, no dot segments, nothing to escape. */
const plainPath = /^(?:\/(?!\.{1,2}(?:\/|$))[\w!$&'()*+,;=:@~.-]*)*$/;

/** A path with dot segments resolved. Never begins with `//`, which would name a host wherever the path is used as a reference (RFC 3986 §4.2). */
export function normalPath(path: string): string {
  // Nearly every path is plain already; this keeps the rest off the way of a cache hit.
  return singleSlash(plainPath.test(path) ? path : withoutDots(unescaped(escaped(path, notInPath))));
}

/** Resolves dot segments as browsers do (RFC 3986 §5.2.4). */
function withoutDots(path: string): string {
  if (!/\/\.{1,2}(?:\/|$)/.test(path)) return path;
  const kept: string[] = [];
  const segments = path.slice(1).split('/');
  for (const segment of segments) {
    if (segment === '..') kept.pop();
    else if (segment !== '.') kept.push(segment);
  }
  const last = segments.at(-1);
  if (last === '.' || last === '..') kept.push('');
  return `/${kept.join('/')}`;
}

/** One `name` or `name=value` of a query. */
export function normalParameter(text: string): string {
  return plainParameter.test(text) ? text : unescaped(escaped(text, notInQuery));
}

/**
 * The fragment that is part of a page: a hashbang. It comes as one (`#!value`), or as the value of `_escaped_fragment_`, which
 * is one level of escapes deeper (the AJAX crawling scheme). Other fragments are positions in a page, not pages.
 */
export function normalFragment(fragment: string, escapedFragment: string | undefined): string {
  if (escapedFragment) return `#!${unescaped(escaped(decoded(escapedFragment), notInFragment))}`;
  return fragment.length > 1 && fragment.startsWith('!') ? `#${unescaped(escaped(fragment, notInFragment))}` : '';
}

/** A text without its escapes, or as it is when they are not valid UTF-8. */
export function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const plainParameter = /^[\w!$'()*,;=:@~./?-]*$/;
// Escapes stay; a percent sign that begins none is escaped itself, so that undoing an escape cannot make a new one.
const notInPath = /[^\x21-\x7e]+|[\\"<>^`{|}[\]?#]|%(?![\da-fA-F]{2})/g;
const notInQuery = /[^\x21-\x7e]+|[\\"<>^`{|}[\]#&]|%(?![\da-fA-F]{2})/g;
const notInFragment = /[^\x21-\x7e]+|[\\"<>^`{|}]|%(?![\da-fA-F]{2})/g;

function escaped(text: string, outside: RegExp): string {
  return text.replace(outside, (run) => encodeURIComponent(run.toWellFormed()));
}

/** Undoes escapes of unreserved characters and writes the others in upper case. */
function unescaped(text: string): string {
  return text.includes('%') ? text.replace(/%[0-9a-f]{2}/gi, plainEscape) : text;
}

function plainEscape(hex: string): string {
  const character = String.fromCharCode(Number.parseInt(hex.slice(1), 16));
  return /[\w.~-]/.test(character) ? character : hex.toUpperCase();
}

function singleSlash(path: string): string {
  return path.startsWith('//') ? path.replace(/^\/+/, '/') : path;
}
