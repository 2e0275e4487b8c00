import type { ChromiumProcess } from './chromium-process.ts';

export interface Lifetime {
  /** 1 gives every render a context of its own. */
  readonly maxRenders: number;
  readonly maxAgeMs: number;
}

export interface Lived {
  readonly renders: number;
  readonly openedAt: number;
  readonly chromium: ChromiumProcess;
}

/** Why a tab should make room for a fresh one, or undefined. */
export function retireReason(
  tab: Lived,
  { maxRenders, maxAgeMs }: Lifetime,
  now: number,
  inUse: ChromiumProcess | undefined,
): string | undefined {
  if (inUse !== undefined && tab.chromium !== inUse) return 'old browser';
  if (tab.renders >= maxRenders) return 'renders';
  return now - tab.openedAt >= maxAgeMs ? 'age' : undefined;
}
