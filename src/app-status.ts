import type { Recent } from './observe/recent.ts';

/** The object behind `GET /api/status`. */
export interface AppStatus {
  readonly version: string;
  readonly node: string;
  readonly uptimeSeconds: number;
  readonly ready: boolean;
  readonly notReady: readonly string[];
  readonly browser: { readonly version: string | undefined; readonly processes: number; readonly rssBytes: number };
  readonly tabs: { readonly open: number; readonly limit: number; readonly rendering: number };
  readonly queue: { readonly waiting: number };
  readonly cache: { readonly entries: number; readonly bytes: number };
  /** The rendering service; missing where there is none. */
  readonly service: ServiceState | undefined;
  readonly answers: ReturnType<Recent['counts']>;
  readonly hitRatio: number | undefined;
  readonly recent: readonly object[];
}

export interface ServiceState {
  readonly port: number;
  readonly connections: number;
}

export interface StatusParts {
  readonly version: string;
  readonly startedAt: number;
  readonly now: number;
  readonly notReady: readonly string[];
  readonly renderer: {
    readonly version: string | undefined;
    readonly processes: number;
    readonly rssBytes: number;
    readonly tabs: number;
    readonly limit: number;
    readonly running: number;
    readonly waiting: number;
  };
  readonly cache: { readonly entries: number; readonly bytes: number };
  readonly service: ServiceState | undefined;
  readonly recent: Recent;
}

export function statusOf({
  version,
  startedAt,
  now,
  notReady,
  renderer,
  cache,
  service,
  recent,
}: StatusParts): AppStatus {
  return {
    version,
    node: process.version,
    uptimeSeconds: Math.round((now - startedAt) / 1000),
    ready: notReady.length === 0,
    notReady,
    browser: { version: renderer.version, processes: renderer.processes, rssBytes: renderer.rssBytes },
    tabs: { open: renderer.tabs, limit: renderer.limit, rendering: renderer.running },
    queue: { waiting: renderer.waiting },
    cache,
    service,
    answers: recent.counts(),
    hitRatio: recent.hitRatio(),
    recent: recent
      .answers()
      .map(({ type: _, reader, ...answer }) => ({ ...answer, reader: reader.class, bot: reader.name })),
  };
}
