import type { HeaderList } from '../page/headers.ts';
import { allowInlineStyles } from './content-security-policy.ts';
import { isFieldValue } from './signed-answer.ts';

/**
 * Fields of the origin's document that are as true of the rendered page. A list of what is let through, not of what is held
 * back: cookies, lengths, encodings, validators and connection fields describe another response, and new ones will come.
 */
const taken = new Set([
  'content-language',
  'content-security-policy',
  'cross-origin-embedder-policy',
  'cross-origin-opener-policy',
  'cross-origin-resource-policy',
  'link',
  'origin-agent-cluster',
  'permissions-policy',
  'referrer-policy',
  'strict-transport-security',
  'tdm-policy',
  'tdm-reservation',
  'x-content-type-options',
  'x-dns-prefetch-control',
  'x-frame-options',
  'x-permitted-cross-domain-policies',
  'x-robots-tag',
  'x-xss-protection',
  // A CDN before us is purged by the same tags.
  'cache-tag',
  'surrogate-key',
  'xkey',
]);

/** Those header fields of the origin's document that a rendered page is answered with, fitted to a page without scripts. */
export function documentHeaders(headers: HeaderList): HeaderList {
  return headers.flatMap(([name, value]) => {
    if (!taken.has(name) || !isFieldValue(value)) return [];
    const fitted = adapted(name, value);
    return fitted === '' ? [] : [[name, fitted] as const];
  });
}

function adapted(name: string, value: string): string {
  if (name === 'link')
    return splitLinks(value)
      .filter((link) => !loadsScript(link))
      .join(', ');
  return name === 'content-security-policy' ? allowInlineStyles(value) : value;
}

/** The members of a Link field (RFC 8288 §3); commas stand in URLs and quoted strings, too. */
function splitLinks(value: string): string[] {
  const links = value.match(/(?:<[^>]*>|"(?:[^"\\]|\\.)*"|[^,<"]|["<])+/g) ?? [];
  return links.map((link) => link.trim()).filter((link) => link !== '');
}

function loadsScript(link: string): boolean {
  const parameters = link.replace(/^<[^>]*>/, '').toLowerCase();
  const rel = /;\s*rel\s*=\s*"?([^";]*)/.exec(parameters)?.[1]?.split(/\s+/) ?? [];
  if (rel.includes('modulepreload')) return true;
  if (!rel.includes('preload') && !rel.includes('prefetch')) return false;
  return /;\s*as\s*=\s*"?(?:script|worker)\b/.test(parameters);
}

const maxTags = 500;
const maxTagLength = 256;

/** Purge tags of the document's fields and of the page itself, each once. */
export function purgeTags(headers: HeaderList, ofPage: readonly string[]): string[] {
  const words = headers
    .filter(([name]) => name === 'surrogate-key' || name === 'cache-tag' || name === 'xkey')
    .flatMap(([, value]) => value.split(/[\s,]+/));
  const tags = [...words, ...ofPage].filter((tag) => /^[\x21-\x7e]+$/.test(tag) && tag.length <= maxTagLength);
  return [...new Set(tags)].slice(0, maxTags);
}
