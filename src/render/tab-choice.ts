import type { Device } from '../page/page-target.ts';

export interface Wanted {
  readonly device: Device;
  /** The site's own name: a tab that has served it has its scripts in its caches. */
  readonly site: string;
}

export interface Candidate {
  readonly lastSite: string;
  readonly device: Device | undefined;
}

/** The tab that needs the least to serve this; of equal ones the last, whose memory is the warmest. */
export function mostAlike<T extends Candidate>(idle: readonly T[], { device, site }: Wanted): T | undefined {
  const likeness = (tab: T) => (tab.lastSite === site ? 2 : 0) + (tab.device === device ? 1 : 0);
  let best: T | undefined;
  for (const tab of idle) if (best === undefined || likeness(tab) >= likeness(best)) best = tab;
  return best;
}
