import { describe, expect, it } from 'vitest';
import { makeAccount } from '../../../src/render/in-page/account.ts';
import { makeFrames } from '../../../src/render/in-page/frames.ts';
import { keepNatives } from '../../../src/render/in-page/natives.ts';
import { hearOfPaints } from '../../../src/render/in-page/paints.ts';
import { keepPrimordials } from '../../../src/render/in-page/primordials.ts';
import { FakePage } from './fake-page.ts';

/** A window with observers that hear something when the test says so. */
function setUp({ painted = false, inside = false } = {}) {
  const observers: Observer[] = [];
  class Observer {
    readonly tell: () => void;
    constructor(call: (list: unknown, observer: unknown) => void) {
      this.tell = () => call([], this);
      observers.push(this);
    }
    observe(_: PerformanceObserverInit) {}
    disconnect() {}
  }
  const { window } = new FakePage();
  Object.assign(window, { PerformanceObserver: Observer, parent: inside ? {} : window });
  Object.assign(window.Performance.prototype, { getEntriesByType: () => (painted ? [{}] : []) });
  const natives = keepNatives(window, keepPrimordials());
  const account = makeAccount(natives);
  hearOfPaints(window, natives, account, makeFrames(natives, true, undefined));
  const observer = new window.PerformanceObserver(() => {});
  return { observer, tell: () => observers[0]?.tell(), open: () => account.open().map(({ label }) => label) };
}

const waiting = ['what has been painted'];

describe('what has been painted', () => {
  it.each<[string, PerformanceObserverInit, Parameters<typeof setUp>[0], readonly string[]]>([
    ['before anything is', { type: 'paint' }, {}, waiting],
    ['among other things', { entryTypes: ['mark', 'largest-contentful-paint'] }, {}, waiting],
    ['afterwards, for all there was', { type: 'paint', buffered: true }, { painted: true }, waiting],
    ['afterwards, for what comes', { type: 'paint' }, { painted: true }, []],
    ['from a frame inside', { type: 'paint' }, { inside: true }, []],
    ['by nobody', { entryTypes: ['layout-shift', 'element', 'resource'] }, {}, []],
  ])('when asked for %s (%j)', (_, options, page, expected) => {
    const { observer, open } = setUp(page);
    observer.observe(options);
    expect(open()).toEqual(expected);
  });

  it.each(['told', 'disconnected'])('is waited for until the observer is %s, however often it has asked', (end) => {
    const { observer, tell, open } = setUp();
    observer.observe({ type: 'paint' });
    observer.observe({ type: 'largest-contentful-paint' });
    expect(open()).toEqual(waiting);
    if (end === 'told') tell();
    else observer.disconnect();
    expect(open()).toEqual([]);
  });
});
