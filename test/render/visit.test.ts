import { expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { RenderError } from '../../src/errors.ts';
import { pageTarget } from '../../src/page/page-key.ts';
import type { PageTarget } from '../../src/page/page-target.ts';
import type { Tab } from '../../src/render/tab.ts';
import { type VisitDeadline, type VisitSettings, visit } from '../../src/render/visit.ts';

const settings: VisitSettings = {
  maxBytes: 1_000_000,
  maxRequests: 10,
  maxHtmlBytes: 1_000_000,
  shadowDom: 'declarative',
  minText: 1,
};
const site = { publicUrl: new URL('https://shop.example'), originUrl: new URL('http://127.0.0.1:9'), hosts: [] };
const target = pageTarget(site, '/', 'desktop', () => true) as PageTarget;

/** A tab that gets no further than its preparation, and writes down what its settler is told. */
function tabThatStops(emulate: () => Promise<void>) {
  const told: string[] = [];
  const settler = { begin: async () => void told.push('begin'), end: () => void told.push('end') };
  const exit = { mayKeepCaches: () => true };
  return { told, tab: { emulate, settler, exit } as unknown as Tab };
}

/** Writes down what was left in the midst of. */
function deadlineOf(signal: AbortSignal) {
  const unfinished: string[] = [];
  const deadline: VisitDeadline = { signal, leftMs: () => 1000, unfinished: (step) => void unfinished.push(step) };
  return { deadline, unfinished };
}

it('ends the account of the page when the tab cannot be prepared', async () => {
  const { tab, told } = tabThatStops(() => Promise.reject(new RenderError('crash', 'the tab died')));
  const { signal } = new AbortController();
  const { deadline, unfinished } = deadlineOf(signal);
  await expect(visit(tab, target, settings, deadline, systemClock)).rejects.toMatchObject({ code: 'crash' });
  expect(told).toEqual(['begin', 'end']);
  expect(unfinished).toEqual([]);
});

it('ends the account of the page when nobody waits for the preparation any more', async () => {
  const { tab, told } = tabThatStops(() => new Promise(() => {}));
  const leaver = new AbortController();
  const { deadline, unfinished } = deadlineOf(leaver.signal);
  const visited = visit(tab, target, settings, deadline, systemClock);
  leaver.abort(new RenderError('aborted', 'gone'));
  await expect(visited).rejects.toMatchObject({ code: 'aborted' });
  expect(told).toEqual(['begin', 'end']);
  expect(unfinished).toEqual(['preparation']);
});
