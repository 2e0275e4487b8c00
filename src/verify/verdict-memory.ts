import type { Clock } from '../clock.ts';
import { setLatest } from '../latest.ts';
import type { Finding } from './finding.ts';

/** What was found about an address that claims to be of a family of crawlers. */
export interface VerdictMemory {
  get(key: string): Finding | undefined;
  set(key: string, finding: Finding): void;
}

const hour = 3_600_000;
const verifiedForMs = 24 * hour;
const doubtedForMs = hour;

interface Kept {
  readonly finding: Finding;
  readonly until: number;
}

/** Good and bad verdicts have `maxEntries` places each: a flood of forgers pushes out other forgers, never a verified reader. */
export function createVerdictMemory(maxEntries: number, clock: Clock): VerdictMemory {
  const verified = new Map<string, Kept>();
  const doubted = new Map<string, Kept>();

  return {
    get(key) {
      const kept = verified.get(key) ?? doubted.get(key);
      return kept !== undefined && clock.now() < kept.until ? kept.finding : undefined;
    },
    set(key, finding) {
      const isGood = finding.verdict === 'verified';
      const [entries, others] = isGood ? [verified, doubted] : [doubted, verified];
      others.delete(key);
      setLatest(entries, key, { finding, until: clock.now() + (isGood ? verifiedForMs : doubtedForMs) }, maxEntries);
    },
  };
}
