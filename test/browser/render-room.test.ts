import { describe, expect, it } from 'vitest';
import { attachLoadSettler } from '../fakes/load-settler.ts';
import { html, type Pages, renderFixture } from './render-fixture.ts';

const pages: Pages = (_request, response) => {
  response.writeHead(200, { 'content-type': 'text/html' });
  response.end(html('<p>page</p>'));
};

describe('the render room', () => {
  it('starts no browser before it is needed, and is not ready without one', async () => {
    await using fixture = await renderFixture(pages, { tabs: 1 }, attachLoadSettler);
    expect(fixture.room.notReady()).toEqual(['no browser']);
    expect(fixture.room.state()).toEqual({ processes: 0, rssBytes: 0, tabs: 0, limit: 1, running: 0, waiting: 0 });
    expect((await fixture.render('/')).html).toContain('page');
    expect(fixture.room.notReady()).toEqual([]);
  });

  it('is ready once it is warm, and tells what runs', async () => {
    await using fixture = await renderFixture(pages, { tabs: 2 }, attachLoadSettler);
    await fixture.engine.warm();
    expect(fixture.room.notReady()).toEqual([]);
    const { version, tabs, processes, rssBytes, limit } = fixture.room.state();
    expect(version).toMatch(/Chrom/);
    expect({ tabs, limit }).toEqual({ tabs: 2, limit: 2 });
    if (process.platform === 'linux') {
      expect(processes).toBeGreaterThan(2);
      expect(rssBytes).toBeGreaterThan(50_000_000);
    }
  });

  it('says at once that it cannot render when there is no Chromium', async () => {
    await using fixture = await renderFixture(pages, { chromiumPath: '/nowhere/chromium' });
    await expect(fixture.engine.warm()).rejects.toMatchObject({ code: 'no-browser' });
    await expect(fixture.render('/')).rejects.toMatchObject({ code: 'no-browser' });
    expect(fixture.room.notReady()).toContain('no browser');
  });

  it('says the same when what is there is no Chromium', async () => {
    await using fixture = await renderFixture(pages, { chromiumPath: process.execPath });
    const begun = performance.now();
    await expect(fixture.render('/')).rejects.toMatchObject({ code: 'no-browser' });
    expect(performance.now() - begun).toBeLessThan(5000);
  });

  it('queues what it cannot render at once and refuses what does not fit', async () => {
    await using fixture = await renderFixture(pages, { tabs: 1, maxWaiting: 3 }, attachLoadSettler);
    await fixture.engine.warm();
    const codes = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        fixture.render(`/${index}`).then(
          () => 'rendered',
          (cause) => cause.code,
        ),
      ),
    );
    expect(codes.toSorted()).toEqual([...Array(2).fill('overloaded'), ...Array(4).fill('rendered')]);
  });
});
