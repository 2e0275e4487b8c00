/** What kind of client asks, judged by its user agent (interface.md, "Readers"). */
export const readerClasses = [
  'search',
  'social',
  'ai',
  'seo',
  'archive',
  'preview',
  'monitor',
  'library',
  'person',
] as const;

export type ReaderClass = (typeof readerClasses)[number];

export interface Reader {
  readonly class: ReaderClass;
  /** The crawler's well-known name (`Twitterbot`), or undefined for people and unknown robots. */
  readonly name?: string;
}

/** Whether a reader is who its user agent says. `pending`: being found out while the request is answered. */
export type Verified = 'verified' | 'forged' | 'unverifiable' | 'pending';
