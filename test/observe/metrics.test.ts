import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../src/observe/metrics.ts';
import { quickReport } from '../fakes/pages.ts';

const gauges = {
  renderQueueDepth: () => 3,
  rendersInFlight: () => 2,
  cacheSizes: () => [{ tier: 'memory', entries: 5, bytes: 1000 }],
  browserRssBytes: () => 1e6,
};

describe('the metrics', () => {
  it('has every name of the interface, whatever has happened', async () => {
    const text = await createMetrics(gauges, '1.2.3').expose();
    const names = [
      'preface_requests_total',
      'preface_request_duration_seconds',
      'preface_renders_total',
      'preface_render_duration_seconds',
      'preface_settle_skipped_seconds',
      'preface_render_queue_depth',
      'preface_render_queue_wait_seconds',
      'preface_renders_in_flight',
      'preface_cache_entries',
      'preface_cache_bytes',
      'preface_cache_lookups_total',
      'preface_revalidations_total',
      'preface_browser_restarts_total',
      'preface_browser_rss_bytes',
      'preface_egress_requests_total',
      'preface_build_info',
    ];
    expect(names.filter((name) => !text.includes(`# TYPE ${name} `))).toEqual([]);
  });

  it('counts what happened', async () => {
    const metrics = createMetrics(gauges, '1.2.3');
    metrics.report({ type: 'render.done', url: 'https://secret.example/x', report: quickReport });
    metrics.report({ type: 'render.failed', url: 'https://secret.example/x', code: 'timeout', message: '' });
    const text = await metrics.expose();
    expect(text).toContain('preface_renders_total{result="ok"} 1');
    expect(text).toContain('preface_renders_total{result="timeout"} 1');
    expect(text).toContain('preface_render_queue_depth 3');
    expect(text).toContain('preface_cache_bytes{tier="memory"} 1000');
    expect(text).not.toContain('secret.example');
  });
});
