import { pageTarget } from '../../src/page/page-key.ts';
import type { PageTarget } from '../../src/page/page-target.ts';
import type { Site } from '../../src/page/site.ts';
import type { RenderReport, Snapshot } from '../../src/page/snapshot.ts';

export const shop: Site = {
  publicUrl: new URL('https://shop.example'),
  originUrl: new URL('http://127.0.0.1:3000'),
  hosts: ['shop.example'],
};

export function targetOf(path: string): PageTarget {
  const target = pageTarget(shop, path, 'desktop', () => true);
  if (target === undefined) throw new Error(`not a path: ${path}`);
  return target;
}

export const quickReport: RenderReport = {
  stoppedBy: 'settled',
  pending: [],
  stages: { queue: 1, navigate: 10, settle: 20, serialise: 5, total: 36 },
  skippedMs: 0,
  requests: 3,
  bytes: 3000,
  htmlBytes: 100,
  consoleErrors: [],
};

export function snapshotOf(html: string, renderedAt: number, rest: Partial<Snapshot> = {}): Snapshot {
  return {
    status: 200,
    headers: [['content-type', 'text/html; charset=utf-8']],
    html,
    tags: [],
    renderedAt,
    inputs: [],
    report: quickReport,
    ...rest,
  };
}
