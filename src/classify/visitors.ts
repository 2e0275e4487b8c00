import { ConfigError } from '../errors.ts';
import type { Reader, ReaderClass } from '../page/reader.ts';
import { boundedMemo } from './bounded-memo.ts';
import { person, readerOf } from './readers.ts';
import { fitsText } from './wildcard.ts';

/**
 * What the configuration adds to the known readers. A pattern is found anywhere in the user agent, whatever the case, and `*`
 * in it stands for any run of characters; there are no regular expressions, so none can be slow.
 */
export interface ReaderSettings {
  readonly add: readonly AddedReader[];
  /** Who these patterns fit is a person. */
  readonly except: readonly string[];
}

export interface AddedReader {
  readonly pattern: string;
  readonly class: ReaderClass;
  readonly name?: string;
}

/** What a user agent tells. */
export interface Visitor {
  readonly reader: Reader;
  readonly isMobile: boolean;
  /** Our own renderer, which ends its user agent with our name. */
  readonly isOurs: boolean;
}

/** Longer user agents are cut before anything is matched: nobody is named that late, and matching takes time by length. */
const maxUserAgent = 512;
const maxRemembered = 4096;

/** Tells who asks, by the user agent. Throws a ConfigError for patterns that would fit everybody. */
export function createVisitors(settings: ReaderSettings): (userAgent: string) => Visitor {
  const problems = [...settings.add.map(({ pattern }) => pattern), ...settings.except].flatMap(
    (p) => problemOf(p) ?? [],
  );
  if (problems.length > 0) throw new ConfigError(problems);
  const remembered = boundedMemo(maxRemembered, (userAgent) => visitor(userAgent, settings));
  return (userAgent) => remembered(cut(userAgent));
}

function visitor(userAgent: string, settings: ReaderSettings): Visitor {
  return {
    reader: configured(userAgent, settings) ?? readerOf(userAgent),
    isMobile: /\bMobile\b|\biP(?:hone|od)\b/.test(userAgent),
    isOurs: / Preface\/[\w.+-]+$/.test(userAgent),
  };
}

function configured(userAgent: string, { add, except }: ReaderSettings): Reader | undefined {
  const isNamed = (pattern: string) => fitsText(`*${pattern.toLowerCase()}*`, userAgent.toLowerCase());
  if (except.some(isNamed)) return person;
  const added = add.find(({ pattern }) => isNamed(pattern));
  return added && (added.name === undefined ? { class: added.class } : { class: added.class, name: added.name });
}

/** A cut string is copied: as a mere slice it would keep the whole header line in memory for as long as it is remembered. */
function cut(userAgent: string): string {
  return userAgent.length <= maxUserAgent ? userAgent : Buffer.from(userAgent.slice(0, maxUserAgent)).toString();
}

function problemOf(pattern: string): string | undefined {
  return /[^*\s]/.test(pattern) ? undefined : `reader pattern "${pattern}" fits every user agent`;
}
