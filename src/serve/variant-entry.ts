import type { StoredEntry } from '../cache/stored-entry.ts';
import type { HeaderList } from '../page/headers.ts';
import type { PageTarget } from '../page/page-target.ts';
import type { Snapshot } from '../page/snapshot.ts';
import type { PictureFormat, Variant } from '../page/variant.ts';
import { entryFrom, validatorOf } from './storage-rules.ts';

const types: Readonly<Record<PictureFormat, string>> = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  pdf: 'application/pdf',
};

/** Fields of a page that hold for a picture of it, too. */
const ofPictures = new Set(['cache-control', 'x-robots-tag', 'cross-origin-resource-policy']);

const noTime = { freshMs: 0, staleWhileRevalidateMs: 0, staleIfErrorMs: 0, negativeFreshMs: 0, followOrigin: false };

/** What a render that was otherwise is answered with: an entry in form alone, for no cache. */
export function variantEntry(target: PageTarget, snapshot: Snapshot, { picture: wish }: Variant): StoredEntry {
  const { picture } = snapshot;
  const page = entryFrom(target, snapshot, noTime);
  const others = page.headers.filter(([name]) => name !== 'cache-control');
  const entry: StoredEntry = { ...page, headers: [['cache-control', 'no-store'], ...others] };
  if (wish === undefined || picture === undefined) return entry;
  const headers = pictureFields(types[wish.format], entry.headers);
  return { ...entry, headers, body: picture, etag: validatorOf(picture) };
}

function pictureFields(type: string, ofPage: HeaderList): HeaderList {
  const kept = ofPage.filter(([name]) => ofPictures.has(name));
  return [['content-type', type], ['x-content-type-options', 'nosniff'], ...kept];
}
