import { Histogram, Registry } from 'prom-client';
import { expect, it } from 'vitest';
import type { AnswerEvent, Outcome } from '../../src/events.ts';
import { createAnswerMetrics } from '../../src/observe/answer-metrics.ts';
import type { ReaderClass } from '../../src/page/reader.ts';

const answer = (reader: ReaderClass, outcome: Outcome, durationMs: number): AnswerEvent => ({
  type: 'answer',
  requestId: 'r',
  traceId: undefined,
  method: 'GET',
  host: 'shop.example',
  target: '/',
  status: 200,
  reader: { class: reader },
  verified: undefined,
  outcome,
  because: undefined,
  bytes: 0,
  durationMs,
  renderMs: undefined,
  queueMs: undefined,
});

it('answers are counted by who asked and how it was answered, each time they are asked for', async () => {
  const registry = new Registry();
  const metrics = createAnswerMetrics(registry);
  for (const _ of [1, 2]) metrics.count(answer('person', 'pass', 1));
  metrics.count(answer('ai', 'hit', 1));
  metrics.count(answer('social', 'hit', 1));
  await registry.metrics();
  metrics.count(answer('social', 'hit', 1));
  const lines = (await registry.metrics()).split('\n').filter((line) => line.startsWith('preface_requests_total'));
  expect(lines.toSorted()).toEqual([
    'preface_requests_total{reader="ai",outcome="hit"} 1',
    'preface_requests_total{reader="person",outcome="pass"} 2',
    'preface_requests_total{reader="social",outcome="hit"} 2',
  ]);
});

it('what answers took is told as prom-client tells it', async () => {
  const registry = new Registry();
  const metrics = createAnswerMetrics(registry);
  const histogram = new Histogram({
    name: 'preface_request_duration_seconds',
    help: 'From the request head to the last byte of the answer.',
    labelNames: ['outcome'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60],
    registers: [registry],
  });
  for (const durationMs of [0, 0.5, 1, 1.001, 5, 7, 49.9, 240, 2_500, 60_000, 60_001, 200_000]) {
    for (const outcome of ['pass', 'hit'] as const) {
      metrics.count(answer('person', outcome, durationMs));
      histogram.observe({ outcome }, durationMs / 1000);
    }
  }
  expect(metrics.durations()).toBe(`${await registry.getSingleMetricAsString('preface_request_duration_seconds')}\n`);
});
