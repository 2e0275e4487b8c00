import type { StoredEntry } from '../cache/stored-entry.ts';
import { setLatest } from '../latest.ts';
import type { RenderInput } from '../page/snapshot.ts';

/** Notices a deploy by the pages that are rendered. */
export interface DeployWatch {
  /**
   * Asked with a page that was rendered anew and what it was before. Gives the tag of all pages that a deploy has outdated, when this one
   * shows that there was one; undefined otherwise.
   */
  outdatedBy(before: StoredEntry, after: StoredEntry): string | undefined;
  /** A page that was rendered for the first time, or found in the cache. */
  saw(entry: StoredEntry): void;
}

/**
 * Every page of a single-page application is made from the same document, the shell, which names the assets by their hashes. So a document that has
 * been that of two URLs, and at one of them is replaced, is the shell of before a deploy. A document of one URL alone says nothing about other pages,
 * and one that comes back (two versions behind one balancer) is not a deploy either.
 */
export function createDeployWatch(maxDocuments = 1_000): DeployWatch {
  /** By tag: the first URL that it was seen at, or that it was seen at several. */
  const seenAt = new Map<string, string | typeof several>();
  const replaced = new Map<string, true>();

  function saw({ tags, url }: StoredEntry): void {
    const tag = tags.find(isDocumentTag);
    if (tag === undefined) return;
    const first = seenAt.get(tag);
    setLatest(seenAt, tag, first === undefined || first === url ? url : several, maxDocuments);
  }

  return {
    saw,
    outdatedBy(before, after) {
      saw(before);
      saw(after);
      const [old, now] = [before, after].map(({ tags }) => tags.find(isDocumentTag));
      if (old === undefined || now === undefined || old === now) return undefined;
      if (seenAt.get(old) !== several || replaced.has(now)) return undefined;
      setLatest(replaced, old, true, maxDocuments);
      return old;
    },
  };
}

const several: unique symbol = Symbol('at several URLs');

/** No tag of an application has a space in it. */
const beginning = 'document ';
const isDocumentTag = (tag: string) => tag.startsWith(beginning);

/** The tag that all pages made from the same document have; none where its bytes were not seen. */
export function documentTags(inputs: readonly RenderInput[]): readonly string[] {
  const document = inputs.find(({ type, status }) => type === 'document' && (status < 300 || status >= 400));
  return document?.bodyHash === undefined ? [] : [beginning + document.bodyHash];
}
