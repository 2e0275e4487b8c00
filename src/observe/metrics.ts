import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { PrefaceEvent, Report } from '../events.ts';
import { createAnswerMetrics } from './answer-metrics.ts';

/** What the gauges show; asked only when somebody scrapes. */
export interface Gauges {
  readonly renderQueueDepth: () => number;
  readonly rendersInFlight: () => number;
  readonly cacheSizes: () => readonly { readonly tier: string; readonly entries: number; readonly bytes: number }[];
  readonly browserRssBytes: () => number;
}

export interface Metrics {
  readonly report: Report;
  /** Prometheus text format. */
  expose(): Promise<string>;
  readonly contentType: string;
}

const renderBuckets = [0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3, 6, 15];

/** The metrics of interface.md, kept up by events. Labels come from short closed lists, never from URLs or user agents. */
export function createMetrics(gauges: Gauges, version: string): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: 'preface_' });

  const answers = createAnswerMetrics(registry);
  const renders = new Counter({
    name: 'preface_renders_total',
    help: 'Renders by result: ok, or why there was no page.',
    labelNames: ['result'],
    registers,
  });
  const stages = new Histogram({
    name: 'preface_render_duration_seconds',
    help: 'Time of a render by stage.',
    labelNames: ['stage'],
    buckets: renderBuckets,
    registers,
  });
  const skipped = new Histogram({
    name: 'preface_settle_skipped_seconds',
    help: 'Page time that was jumped over instead of waited for.',
    buckets: [0, 0.1, 0.5, 1, 2, 5, 10],
    registers,
  });
  const queueWait = new Histogram({
    name: 'preface_render_queue_wait_seconds',
    help: 'Time a render waited for a tab.',
    buckets: renderBuckets,
    registers,
  });
  const lookups = new Counter({
    name: 'preface_cache_lookups_total',
    help: 'Cache lookups.',
    labelNames: ['tier', 'result'],
    registers,
  });
  const revalidations = new Counter({
    name: 'preface_revalidations_total',
    help: 'Stale pages whose inputs were asked again.',
    labelNames: ['result'],
    registers,
  });
  const restarts = new Counter({
    name: 'preface_browser_restarts_total',
    help: 'Browsers that ended, by reason.',
    labelNames: ['reason'],
    registers,
  });
  const egress = new Counter({
    name: 'preface_egress_requests_total',
    help: 'Requests of pages, by what the egress did with them.',
    labelNames: ['verdict'],
    registers,
  });

  gauge(registry, 'preface_render_queue_depth', 'Renders that wait for a tab.', gauges.renderQueueDepth);
  gauge(registry, 'preface_renders_in_flight', 'Renders under way.', gauges.rendersInFlight);
  gauge(registry, 'preface_browser_rss_bytes', 'Resident memory of all browser processes.', gauges.browserRssBytes);
  new Gauge({
    name: 'preface_cache_entries',
    help: 'Stored pages.',
    labelNames: ['tier'],
    registers,
    collect() {
      for (const { tier, entries } of gauges.cacheSizes()) this.set({ tier }, entries);
    },
  });
  new Gauge({
    name: 'preface_cache_bytes',
    help: 'Memory or disk that stored pages take.',
    labelNames: ['tier'],
    registers,
    collect() {
      for (const { tier, bytes } of gauges.cacheSizes()) this.set({ tier }, bytes);
    },
  });
  new Gauge({ name: 'preface_build_info', help: 'Always 1.', labelNames: ['version', 'node'], registers }).set(
    { version, node: process.version },
    1,
  );

  function report(event: PrefaceEvent): void {
    switch (event.type) {
      case 'answer':
        return answers.count(event);
      case 'render.done': {
        renders.inc({ result: 'ok' });
        queueWait.observe(event.report.stages.queue / 1000);
        skipped.observe(event.report.skippedMs / 1000);
        for (const stage of ['navigate', 'settle', 'serialise', 'total'] as const)
          stages.observe({ stage }, event.report.stages[stage] / 1000);
        return;
      }
      case 'render.failed':
        return renders.inc({ result: event.code });
      case 'cache.lookup':
        return lookups.inc({ tier: event.tier, result: event.result });
      case 'revalidated':
        return revalidations.inc({ result: event.result });
      case 'browser.stopped':
        return restarts.inc({ reason: event.reason });
      case 'egress':
        return egress.inc({ verdict: event.verdict });
      default:
        return;
    }
  }

  return {
    report,
    expose: async () => (await registry.metrics()) + answers.durations(),
    contentType: registry.contentType,
  };
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}
