import { describe, expect, it } from 'vitest';
import { limitByClient } from '../../src/render/client-limit.ts';
import type { Renderer } from '../../src/render/renderer.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';
import { snapshotOf, targetOf } from '../fakes/pages.ts';

const renderer: Renderer = { render: async () => snapshotOf('page', 0) };
const stay = new AbortController().signal;

function setUp(perMinute: number) {
  const clock = createFakeClock();
  const limited = limitByClient(renderer, perMinute, clock);
  const ask = (client: string) =>
    limited.render({ target: targetOf('/'), priority: 'interactive', client }, stay).then(
      () => 'page',
      ({ code }) => code,
    );
  const many = async (client: string, count: number) => Promise.all(Array.from({ length: count }, () => ask(client)));
  return { clock, ask, many };
}

describe('the limit of renders for each client network', () => {
  it('refuses one network more than its number a minute, and no other', async () => {
    const { ask, many } = setUp(3);
    expect(await many('203.0.113.0/24', 5)).toEqual(['page', 'page', 'page', 'overloaded', 'overloaded']);
    expect(await ask('198.51.100.0/24')).toBe('page');
  });

  it('gives back places as time goes by', async () => {
    const { clock, many } = setUp(3);
    await many('203.0.113.0/24', 5);
    clock.advance(20_000);
    expect(await many('203.0.113.0/24', 2)).toEqual(['page', 'overloaded']);
    clock.advance(600_000);
    expect(await many('203.0.113.0/24', 4)).toEqual(['page', 'page', 'page', 'overloaded']);
  });

  it('gives a client that never stops asking its places all the same', async () => {
    const { clock, ask, many } = setUp(6);
    await many('203.0.113.0/24', 6);
    let pages = 0;
    for (let second = 0; second < 60; second += 1) {
      clock.advance(1000);
      if ((await ask('203.0.113.0/24')) === 'page') pages += 1;
    }
    expect(pages).toBe(6);
  });

  it('does not count our own work', async () => {
    const { many } = setUp(1);
    expect(await many('', 5)).toEqual(Array(5).fill('page'));
  });

  it('does not count verified crawlers, which ask from many networks', async () => {
    const { many } = setUp(1);
    expect(await many('verified:Googlebot', 5)).toEqual(Array(5).fill('page'));
  });

  it('is not there at all when it is 0', () => {
    expect(limitByClient(renderer, 0, createFakeClock())).toBe(renderer);
  });
});
