import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Report } from '../events.ts';
import type { Document, FetchDocument } from './fetch-document.ts';

/** The key that an agent publishes under an id; `unknown` when it has none such, `unreachable` when its directory could not be had. */
export type KeyAnswer = KeyObject | 'unknown' | 'unreachable';

export interface KeyDirectories {
  /** At once when the directory is at hand. Never rejects. A key belongs to the directory that it came from, and to no other. */
  find(directoryUrl: string, keyId: string): KeyAnswer | Promise<KeyAnswer>;
}

interface DirectoryKey {
  readonly key: KeyObject;
  readonly fromSeconds: number;
  readonly untilSeconds: number;
}

interface Directory {
  readonly keys: ReadonlyMap<string, DirectoryKey>;
  readonly fetchedAt: number;
  readonly triedAt: number;
}

const minute = 60_000;
const freshMs = 60 * minute;
/** A removed key counts for no longer than this, even while the directory is out of reach. */
const usableMs = 24 * 60 * minute;
/** How often a directory is asked at most, whatever key ids are presented. */
const retryMs = 5 * minute;

const mediaType = 'application/http-message-signatures-directory+json';
const limits = { maxBytes: 64 * 1024, timeoutMs: 3_000, accept: mediaType };

/** The keys of agents, fetched when first asked for and kept for an hour. Whom to ask is the caller's decision: a request's word is none. */
export function createKeyDirectories(parts: {
  readonly fetchDocument: FetchDocument;
  readonly clock: Clock;
  readonly report: Report;
}): KeyDirectories {
  const { fetchDocument, clock, report } = parts;
  const directories = new Map<string, Directory>();
  const fetching = new Map<string, Promise<void>>();

  async function fetchKeys(url: string): Promise<void> {
    const before = directories.get(url);
    try {
      const keys = keysOf(url, await fetchDocument(url, limits));
      directories.set(url, { keys, fetchedAt: clock.now(), triedAt: clock.now() });
    } catch (cause) {
      directories.set(url, {
        keys: before?.keys ?? new Map(),
        fetchedAt: before?.fetchedAt ?? Number.NEGATIVE_INFINITY,
        triedAt: clock.now(),
      });
      report({ type: 'verify.failed', what: url, message: messageOf(cause) });
    } finally {
      fetching.delete(url);
    }
  }

  function held(url: string, keyId: string): KeyAnswer {
    const directory = directories.get(url);
    const now = clock.now();
    if (directory === undefined || now - directory.fetchedAt > usableMs) return 'unreachable';
    const found = directory.keys.get(keyId);
    const isValid = found !== undefined && found.fromSeconds <= now / 1000 && now / 1000 < found.untilSeconds;
    return isValid ? found.key : 'unknown';
  }

  return {
    find(url, keyId) {
      const directory = directories.get(url);
      const answer = held(url, keyId);
      const now = clock.now();
      const isFresh = directory !== undefined && now - directory.fetchedAt < freshMs;
      const mayAsk = directory === undefined || now - directory.triedAt >= retryMs;
      if ((isFresh && answer !== 'unknown') || !mayAsk)
        return fetching.get(url)?.then(() => held(url, keyId)) ?? answer;
      let pending = fetching.get(url);
      if (pending === undefined) {
        pending = fetchKeys(url);
        fetching.set(url, pending);
      }
      return pending.then(() => held(url, keyId));
    },
  };
}

const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(64) });
const ed25519Key = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().regex(/^[\w-]{43}$/),
  nbf: z.number().optional(),
  exp: z.number().optional(),
});

/** The Ed25519 keys of a directory by their thumbprints; keys of other kinds are for others. */
function keysOf(url: string, { status, contentType, body }: Document): ReadonlyMap<string, DirectoryKey> {
  if (status !== 200) throw new Error(`answered ${status}`);
  // At a place of the agent's own choice it may be a key set that serves others as well.
  const isWellKnown = new URL(url).pathname.startsWith('/.well-known/');
  if (isWellKnown && contentType.split(';', 1)[0]?.trim().toLowerCase() !== mediaType) {
    throw new Error(`is ${contentType || 'of no type'} and not ${mediaType}`);
  }
  const keys = keySet.parse(JSON.parse(body)).keys.flatMap((entry) => ed25519Key.safeParse(entry).data ?? []);
  return new Map(
    keys.map(({ x, nbf = Number.NEGATIVE_INFINITY, exp = Number.POSITIVE_INFINITY }) => [
      thumbprint(x),
      {
        key: createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }),
        fromSeconds: nbf,
        untilSeconds: exp,
      },
    ]),
  );
}

/** RFC 7638 for an Ed25519 key (RFC 8037 appendix A.3): the members in this order and without spaces. */
export function thumbprint(x: string): string {
  return createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url');
}
