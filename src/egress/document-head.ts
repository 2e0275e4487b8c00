import { hash } from 'node:crypto';
import type { ResponseFields } from './http-freshness.ts';

/** Fields of a document that reach the reader, or decide how long and under which tags the page is kept. */
const named = [
  'cache-control',
  'cache-tag',
  'content-language',
  'content-security-policy',
  'link',
  'surrogate-key',
  'x-robots-tag',
  'xkey',
];

/** SHA-256 over those fields, in base64url: two documents with one body may still make two answers. */
export function headHashOf(fields: ResponseFields): string {
  return hash('sha256', JSON.stringify(named.map((name) => [fields[name] ?? []].flat())), 'base64url');
}
