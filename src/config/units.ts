declare const unit: unique symbol;

/** A length of time. Made by `parseDuration` only, so that a bare number cannot pass for one. */
export type Milliseconds = number & { readonly [unit]: 'milliseconds' };
/** An amount of memory or traffic. Made by `parseSize` only. */
export type Bytes = number & { readonly [unit]: 'bytes' };

const msPer: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const bytesPer: Readonly<Record<string, number>> = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };

export const durationPattern = '^(0|[0-9]+(\\.[0-9]+)?(ms|s|m|h|d))$';
export const sizePattern = '^(0|[0-9]+(\\.[0-9]+)?([bB]|[kKmMgG][bB]))$';

/** `500ms`, `30s`, `5m`, `24h`, `7d` or `0`. Throws with a message for people. */
export function parseDuration(text: string): Milliseconds {
  const ms = amount(text.trim(), msPer);
  if (ms === undefined) throw new Error('must be a duration with its unit, such as 500ms, 30s, 5m, 24h or 7d');
  return ms as Milliseconds;
}

/** `512b`, `32kb`, `256mb`, `1gb` or `0`; a kilobyte has 1024 bytes. Throws with a message for people. */
export function parseSize(text: string): Bytes {
  const bytes = amount(text.trim().toLowerCase(), bytesPer);
  if (bytes === undefined) throw new Error('must be a size with its unit, such as 32kb, 256mb or 1gb');
  return bytes as Bytes;
}

function amount(text: string, units: Readonly<Record<string, number>>): number | undefined {
  if (text === '0') return 0;
  const [, number = '', name = ''] = /^(\d+(?:\.\d+)?)([a-z]+)$/.exec(text) ?? [];
  const factor = Object.hasOwn(units, name) ? units[name] : undefined;
  return factor === undefined ? undefined : Math.round(Number(number) * factor);
}
