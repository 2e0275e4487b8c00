import { randomUUID } from 'node:crypto';
import type { RenderFailure } from '../errors.ts';
import type { PageKey } from '../page/page-target.ts';
import type { PurgeMode, PurgeSelector } from '../page/purge.ts';
import type { RedisConnection } from './redis-connection.ts';
import type { TurnEnd } from './render-lock.ts';

export type BusMessage =
  | { readonly kind: 'purged'; readonly selector: PurgeSelector; readonly mode: PurgeMode }
  | { readonly kind: 'stored'; readonly key: PageKey }
  | { readonly kind: 'ended'; readonly key: PageKey; readonly how: TurnEnd };

/** What replicas call out to each other. Heard at once or never: whatever depends on it must come right without. */
export interface RedisBus {
  /** Never throws: a message that is not sent is one that is lost. */
  send(message: BusMessage): void;
  /** Messages of the other replicas, until the returned function is called. */
  listen(listener: (message: BusMessage) => void): () => void;
}

export function createRedisBus(connection: RedisConnection): RedisBus {
  const from = randomUUID();
  const listeners = new Set<(message: BusMessage) => void>();
  connection.onMessage((text) => {
    const heard = parseBusMessage(text);
    if (heard === undefined || heard.from === from) return;
    for (const listener of listeners) listener(heard.message);
  });
  return {
    send: (message) => void connection.publish(JSON.stringify({ ...message, from })).catch(() => {}),
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** Undefined for anything that is not ours: a channel is open to all who can reach the server. */
export function parseBusMessage(text: string): { readonly from: string; readonly message: BusMessage } | undefined {
  let value: Record<string, unknown>;
  try {
    value = Object(JSON.parse(text));
  } catch {
    return undefined;
  }
  const { from, kind, key, selector, mode, how } = value;
  if (typeof from !== 'string') return undefined;
  if (kind === 'purged') {
    if (!isSelector(selector) || (mode !== 'soft' && mode !== 'hard')) return undefined;
    return { from, message: { kind, selector, mode } };
  }
  if (typeof key !== 'string') return undefined;
  if (kind === 'stored') return { from, message: { kind, key: key as PageKey } };
  if (kind === 'ended' && isTurnEnd(how)) return { from, message: { kind, key: key as PageKey, how } };
  return undefined;
}

function isSelector(value: unknown): value is PurgeSelector {
  if (typeof value !== 'object' || value === null) return false;
  const { urls, prefixes, tags } = value as Record<string, unknown>;
  return [urls, prefixes, tags].every(
    (list) => list === undefined || (Array.isArray(list) && list.every((item) => typeof item === 'string')),
  );
}

function isTurnEnd(value: unknown): value is TurnEnd {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, code } = value as Record<string, unknown>;
  return kind === 'stored' || kind === 'unshared' || kind === 'left' || (kind === 'failed' && isFailure(code));
}

/** The code goes into logs, metrics and answers: no other word may. */
const failures: Readonly<Record<RenderFailure, true>> = {
  timeout: true,
  crash: true,
  unreachable: true,
  navigation: true,
  'not-html': true,
  'too-large': true,
  empty: true,
  overloaded: true,
  'no-browser': true,
  aborted: true,
  'recently-failed': true,
};

const isFailure = (code: unknown) => typeof code === 'string' && Object.hasOwn(failures, code);
