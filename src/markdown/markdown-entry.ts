import type { StoredEntry } from '../cache/stored-entry.ts';
import { pageMarkdown } from './page-markdown.ts';

export interface MarkdownSettings {
  /** Value of `Content-Signal` (contentsignals.org): what a reader may do with the text; left out when empty. */
  readonly contentSignal: string;
}

/** Gives the Markdown form of stored pages. The work is done once per entry; a redirect stays as it is. */
export function createMarkdownForm({ contentSignal }: MarkdownSettings): (entry: StoredEntry) => StoredEntry {
  const made = new WeakMap<StoredEntry, StoredEntry>();
  return function markdownForm(entry) {
    if (entry.body.byteLength === 0) return entry;
    const known = made.get(entry);
    if (known !== undefined) return known;
    const { text, tokens } = pageMarkdown(Buffer.from(entry.body).toString('utf8'), entry.url);
    const form: StoredEntry = {
      ...entry,
      body: Buffer.from(text),
      etag: `${entry.etag}-md`,
      headers: [
        ['content-type', 'text/markdown; charset=utf-8'],
        ['x-markdown-tokens', String(tokens)],
        ...(contentSignal === '' ? [] : [['content-signal', contentSignal] as const]),
        ...entry.headers.filter(([name]) => name !== 'content-type'),
      ],
    };
    made.set(entry, form);
    return form;
  };
}
