import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../src/cache/memory-store.ts';
import { RenderError } from '../../src/errors.ts';
import type { PrefaceEvent } from '../../src/events.ts';
import type { Variant } from '../../src/page/variant.ts';
import { createPageSource } from '../../src/serve/page-source.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';
import { createFakeRenderer } from '../fakes/fake-renderer.ts';
import { snapshotOf, targetOf } from '../fakes/pages.ts';

const storage = {
  freshMs: 60_000,
  staleWhileRevalidateMs: 60_000,
  staleIfErrorMs: 60_000,
  negativeFreshMs: 5_000,
  followOrigin: false,
};
const asker = { client: () => '192.0.2.0/24', gone: () => new AbortController().signal };
const png: Variant = { width: 300, picture: { format: 'png', wholePage: false } };

function setUp() {
  const clock = createFakeClock();
  const events: PrefaceEvent[] = [];
  const renderer = createFakeRenderer();
  const store = createMemoryStore({ maxBytes: 1e6 });
  const source = createPageSource({
    store,
    renderer,
    clock,
    report: (event) => events.push(event),
    storageFor: () => storage,
    longestRenderMs: 15_000,
  });
  const ask = async () => source.answer(targetOf('/a'), asker);
  const askFor = (variant: Variant) => source.renderVariant(targetOf('/a'), variant, asker);
  return { now: clock.now, events, store, ask, askFor, started: renderer.started };
}

const picture = Buffer.from('picture');

describe('a page that is wanted otherwise', () => {
  it('is rendered as somebody waits for it, whatever is stored, and not stored', async () => {
    const { now, ask, askFor, started, store, events } = setUp();
    const usual = ask();
    started[0]?.finish(snapshotOf('usual', now()));
    await usual;
    const before = store.get(targetOf('/a').key);

    const otherwise = askFor(png);
    expect(started[1]?.job).toMatchObject({ priority: 'interactive', client: '192.0.2.0/24', variant: png });
    started[1]?.finish(snapshotOf('other', now(), { picture }));
    expect(await otherwise).toMatchObject({ from: 'render', rendered: { stored: false, variant: true } });
    expect(store.get(targetOf('/a').key)).toBe(before);
    expect(await ask()).toMatchObject({ from: 'hit' });
    expect(events.filter(({ type }) => type === 'render.done')).toHaveLength(2);
  });

  it('is answered with the picture and as nothing to keep; of the page only the status and what holds for a picture are left', async () => {
    const { askFor, started } = setUp();
    const asked = askFor(png);
    const headers = [
      ['content-type', 'text/html; charset=utf-8'],
      ['content-security-policy', "default-src 'self'"],
      ['link', '</a.css>; rel=preload'],
      ['x-robots-tag', 'noindex'],
    ] as const;
    started[0]?.finish(snapshotOf('other', 0, { picture, status: 404, headers }));
    const answer = await asked;
    expect(answer).toMatchObject({
      kind: 'page',
      entry: {
        status: 404,
        body: picture,
        headers: [
          ['content-type', 'image/png'],
          ['x-content-type-options', 'nosniff'],
          ['cache-control', 'no-store'],
          ['x-robots-tag', 'noindex'],
        ],
      },
    });
  });

  it('shares a render with who asks for exactly the same at the same time, and with nobody else', async () => {
    const { ask, askFor, started } = setUp();
    const whole: Variant = { ...png, picture: { format: 'png', wholePage: true } };
    const answers = [
      askFor(png),
      askFor({ ...png }),
      askFor(whole),
      askFor({ width: 300 }),
      askFor({ height: 300 }),
      ask(),
    ];
    expect(started.map(({ job }) => job.variant)).toEqual([png, whole, { width: 300 }, { height: 300 }, undefined]);
    for (const { finish } of started) finish(snapshotOf('page', 0, { picture }));
    const joined = (await Promise.all(answers)).map((answer) => answer.kind === 'page' && answer.rendered?.joined);
    expect(joined).toEqual([false, true, false, false, false, false]);
  });

  it('says nothing of what readers get when it fails', async () => {
    const { ask, askFor, started, events } = setUp();
    const asked = askFor(png);
    started[0]?.fail(new RenderError('timeout', 'not settled'));
    expect(await asked).toEqual({ kind: 'failed', code: 'timeout' });
    expect(events).toMatchObject([{ type: 'render.failed', code: 'timeout' }]);
    void ask();
    expect(started).toHaveLength(2);
  });

  it('is not tried while the page rests from a failure', async () => {
    const { ask, askFor, started } = setUp();
    const asked = ask();
    started[0]?.fail(new RenderError('timeout', 'not settled'));
    await asked;
    expect(await askFor(png)).toEqual({ kind: 'failed', code: 'recently-failed' });
    expect(started).toHaveLength(1);
  });
});
