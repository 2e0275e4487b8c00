import { describe, expect, it } from 'vitest';
import { attachLoadSettler } from '../fakes/load-settler.ts';
import { findingsOf, leakyPages } from './leaky-pages.ts';
import { renderFixture } from './render-fixture.ts';

describe.each(['wiped', 'context'] as const)('a tab (isolation: %s)', (isolation) => {
  it('shows nothing of one page to the next, whatever that page has left behind', async () => {
    const renders = isolation === 'wiped' ? 30 : 6;
    await using fixture = await renderFixture(
      leakyPages,
      { tabs: 2, maxWaiting: renders, timeoutMs: 60_000, isolation },
      attachLoadSettler,
    );
    await fixture.engine.warm();
    const snapshots = await Promise.all(
      Array.from({ length: renders }, (_, index) => fixture.render(`/?id=page-${index}`)),
    );
    for (const [index, { html }] of snapshots.entries()) {
      expect(findingsOf(html)).toEqual({ id: `page-${index}`, found: [] });
    }
    const givenUp = fixture.events.filter((event) => event.type === 'tab.retired' && event.reason !== 'renders');
    expect(givenUp.length).toBeLessThan(renders / 4); // else it would be fresh tabs that are clean, and not wiped ones
  }, 120_000);
});
