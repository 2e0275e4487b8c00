import type { GroupUsage } from './process-group.ts';

const maxAgeMs = 24 * 60 * 60_000;
const bytesPerTab = 400 * 2 ** 20;
const bytesOfBrowser = 1024 * 2 ** 20;

/** Why a Chromium with so many tabs should make room for a fresh one, or undefined. */
export function browserDue(life: GroupUsage & { readonly ageMs: number }, tabs: number): 'age' | 'memory' | undefined {
  if (life.ageMs >= maxAgeMs) return 'age';
  return life.rssBytes >= bytesOfBrowser + tabs * bytesPerTab ? 'memory' : undefined;
}
