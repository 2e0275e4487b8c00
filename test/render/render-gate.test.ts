import { beforeEach, describe, expect, it } from 'vitest';
import { RenderError } from '../../src/errors.ts';
import { createRenderGate } from '../../src/render/render-gate.ts';
import type { RenderJob, RenderPriority } from '../../src/render/renderer.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';
import { createFakeRenderer } from '../fakes/fake-renderer.ts';
import { snapshotOf, targetOf } from '../fakes/pages.ts';

const clock = createFakeClock();
let renderer = createFakeRenderer();

beforeEach(() => {
  renderer = createFakeRenderer();
});

function gateOf(limit: number, maxWaiting = 100, maxWaitMs = 5000) {
  const gate = createRenderGate(renderer, { limit, maxWaiting, maxWaitMs }, clock);
  const ask = (path: string, options: { client?: string; priority?: RenderPriority; signal?: AbortSignal } = {}) => {
    const { client = '', priority = 'interactive', signal = new AbortController().signal } = options;
    const answer = gate.render({ target: targetOf(path), priority, client }, signal);
    return answer.then(
      (snapshot) => snapshot,
      (cause: unknown) => (cause instanceof RenderError ? cause.code : Promise.reject(cause)),
    );
  };
  return { gate, ask };
}

/** A warm-up that a reader comes to wait for when the test says so. */
function risingJobOf(path: string) {
  const listeners = new Set<() => void>();
  let priority: RenderPriority = 'warm';
  const job: RenderJob = {
    target: targetOf(path),
    get priority() {
      return priority;
    },
    client: '',
    onRise(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const rise = () => {
    priority = 'interactive';
    for (const listener of listeners) listener();
  };
  return { job, rise };
}

const startedPaths = () => renderer.started.map(({ job }) => new URL(job.target.url).pathname);
const turn = () => new Promise(setImmediate);

/** Lets the oldest running render end, and the next one begin. */
async function finish(index: number): Promise<void> {
  renderer.started[index]?.finish(snapshotOf('', 0));
  await turn();
}

describe('the render gate', () => {
  it('lets as many through as its limit says and the next one when one is done', async () => {
    const { gate, ask } = gateOf(2);
    for (const path of ['/1', '/2', '/3']) void ask(path);
    await turn();
    expect(startedPaths()).toEqual(['/1', '/2']);
    expect(gate.state()).toEqual({ running: 2, waiting: 1, limit: 2 });
    await finish(0);
    expect(startedPaths()).toEqual(['/1', '/2', '/3']);
    expect(gate.state()).toEqual({ running: 2, waiting: 0, limit: 2 });
  });

  it('frees the place of a render that failed', async () => {
    const { ask, gate } = gateOf(1);
    const first = ask('/1');
    void ask('/2');
    await turn();
    renderer.started[0]?.fail(new RenderError('timeout', ''));
    expect(await first).toBe('timeout');
    await turn();
    expect(startedPaths()).toEqual(['/1', '/2']);
    expect(gate.state().running).toBe(1);
  });

  it('says how long a job waited in the queue', async () => {
    const { ask } = gateOf(1);
    void ask('/1');
    const second = ask('/2');
    clock.advance(700);
    await finish(0);
    await finish(1);
    expect(await second).toMatchObject({ report: { stages: { queue: 700 } } });
  });

  it('lets readers go before renewals, and renewals before warm-up', async () => {
    const { ask } = gateOf(1);
    void ask('/first');
    for (const priority of ['warm', 'renew', 'interactive'] as const) void ask(`/${priority}`, { priority });
    for (const index of [0, 1, 2, 3]) await finish(index);
    expect(startedPaths()).toEqual(['/first', '/interactive', '/renew', '/warm']);
  });

  it("lets a warm-up go as a reader once a reader waits for the same page, with a reader's patience", async () => {
    const { gate, ask } = gateOf(1, 100, 5000);
    void ask('/running');
    const { job: warmUp, rise } = risingJobOf('/wanted');
    const signal = new AbortController().signal;
    const wanted = gate.render(warmUp, signal);
    void ask('/renewed', { priority: 'renew' });
    clock.advance(4000);
    rise();
    clock.advance(4000);
    await finish(0);
    expect(startedPaths()).toEqual(['/running', '/wanted']);
    await finish(1);
    expect((await wanted).report.stages.queue).toBe(8000);
  });

  it('takes no second place for a warm-up that a reader joins when it is running already', async () => {
    const { gate } = gateOf(1);
    const { job, rise } = risingJobOf('/1');
    void gate.render(job, new AbortController().signal);
    rise();
    expect(gate.state()).toEqual({ running: 1, waiting: 0, limit: 1 });
  });

  it('keeps one place free of warm-up', async () => {
    const { ask } = gateOf(3);
    for (const path of ['/w1', '/w2', '/w3']) void ask(path, { priority: 'warm' });
    await turn();
    expect(startedPaths()).toEqual(['/w1', '/w2']);
    void ask('/reader');
    await turn();
    expect(startedPaths()).toEqual(['/w1', '/w2', '/reader']);
  });

  it('lets clients take turns', async () => {
    const { ask } = gateOf(1);
    void ask('/running');
    for (const path of ['/a1', '/a2', '/a3']) void ask(path, { client: 'a' });
    for (const path of ['/b1', '/b2']) void ask(path, { client: 'b' });
    for (let index = 0; index < 6; index += 1) await finish(index);
    expect(startedPaths()).toEqual(['/running', '/a1', '/b1', '/a2', '/b2', '/a3']);
  });

  it('refuses at once what does not fit into the queue', async () => {
    const { ask, gate } = gateOf(1, 2);
    for (const path of ['/1', '/2', '/3']) void ask(path);
    expect(await ask('/4')).toBe('overloaded');
    expect(gate.state().waiting).toBe(2);
  });

  it('gets nothing ready for a render that it refuses', async () => {
    const { ask, gate } = gateOf(1, 0);
    void ask('/running');
    let listeners = 0;
    const { job } = risingJobOf('/1');
    const onRise = () => {
      listeners += 1;
      return () => {};
    };
    await expect(gate.render({ ...job, onRise }, new AbortController().signal)).rejects.toThrow('waiting already');
    expect(listeners).toBe(0);
  });

  it('gives the place of the greediest client to one that has none when the queue is full', async () => {
    const { ask } = gateOf(1, 3);
    void ask('/running');
    const [first, , last] = ['/a1', '/a2', '/a3'].map((path) => ask(path, { client: 'a' }));
    void ask('/b1', { client: 'b' });
    expect(await last).toBe('overloaded');
    for (const index of [0, 1, 2, 3]) await finish(index);
    expect(await first).toMatchObject({ status: 200 });
    expect(startedPaths()).toEqual(['/running', '/a1', '/b1', '/a2']);
  });

  it('gives the place of a warm-up to a reader when the queue is full', async () => {
    const { ask } = gateOf(1, 1);
    void ask('/running');
    const warm = ask('/warm', { priority: 'warm' });
    void ask('/reader');
    expect(await warm).toBe('overloaded');
    await finish(0);
    expect(startedPaths()).toEqual(['/running', '/reader']);
  });

  it('lets nobody wait for longer than the limit', async () => {
    const { ask, gate } = gateOf(1, 10, 5000);
    void ask('/running');
    const late = ask('/late');
    clock.advance(4999);
    expect(gate.state().waiting).toBe(1);
    clock.advance(1);
    expect(await late).toBe('overloaded');
    expect(gate.state().waiting).toBe(0);
  });

  it('takes who left out of the queue', async () => {
    const { ask, gate } = gateOf(1);
    const leaver = new AbortController();
    void ask('/running');
    const gone = ask('/gone', { signal: leaver.signal });
    void ask('/next');
    leaver.abort();
    expect(await gone).toBe('aborted');
    expect(gate.state().waiting).toBe(1);
    await finish(0);
    expect(startedPaths()).toEqual(['/running', '/next']);
  });

  it('does not begin for somebody who has left already', async () => {
    const { ask } = gateOf(1);
    expect(await ask('/1', { signal: AbortSignal.abort() })).toBe('aborted');
    expect(startedPaths()).toEqual([]);
  });

  describe('in a flood from many networks', () => {
    const flood = (ask: ReturnType<typeof gateOf>['ask'], size: number) =>
      Array.from({ length: size }, (_, n) => ask(`/flood/${n}`, { client: `198.51.${n}.0/24` }));

    it('lets a verified reader in and go next, though each flooder asks for one page only', async () => {
      const { ask, gate } = gateOf(1, 50);
      void ask('/running');
      const flooders = flood(ask, 50);
      void ask('/verified', { client: 'verified:Googlebot' });
      expect(await flooders.at(-1)).toBe('overloaded');
      expect(gate.state().waiting).toBe(50);
      await finish(0);
      expect(startedPaths()).toEqual(['/running', '/verified']);
    });

    it('gives verified readers every second turn, and among them one after the other', async () => {
      const { ask } = gateOf(1, 50);
      void ask('/running');
      flood(ask, 10);
      for (const path of ['/g1', '/g2']) void ask(path, { client: 'verified:Googlebot' });
      void ask('/b1', { client: 'verified:Bingbot' });
      for (let index = 0; index < 6; index += 1) await finish(index);
      expect(startedPaths()).toEqual(['/running', '/g1', '/flood/0', '/b1', '/flood/1', '/g2', '/flood/2']);
    });

    it('keeps the places of verified readers when it comes after them', async () => {
      const { ask, gate } = gateOf(1, 10);
      void ask('/running');
      const verified = ['/g1', '/g2', '/g3', '/g4'].map((path) => ask(path, { client: 'verified:Googlebot' }));
      flood(ask, 100);
      expect(gate.state().waiting).toBe(10);
      for (let index = 0; index < 9; index += 1) await finish(index);
      expect(await Promise.all(verified)).toMatchObject(verified.map(() => ({ status: 200 })));
    });

    it('leaves others their half of the places when a verified reader wants all', async () => {
      const { ask } = gateOf(1, 10);
      void ask('/running');
      for (let n = 0; n < 20; n += 1) void ask(`/g${n}`, { client: 'verified:Googlebot' });
      flood(ask, 20);
      for (let index = 0; index < 11; index += 1) await finish(index);
      expect(startedPaths().filter((path) => path.startsWith('/flood'))).toHaveLength(5);
    });
  });
});
