import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { WarmControl } from '../../src/admin/warm-routes.ts';
import { ask, closeAdmins, setUp } from './admin.ts';

afterEach(closeAdmins);

/** One job that can be paused once and stopped once. */
function fakeWarming() {
  const id = randomUUID();
  const orders: unknown[] = [];
  let state = 'running';
  const to = (next: string) => (asked: string) => {
    if (asked !== id || state === next) return false;
    state = next;
    return true;
  };
  const warm: WarmControl = {
    order: (order) => {
      orders.push(order);
      if (order.sitemap === 'busy') return { kind: 'busy' };
      return order.sitemap === 'foreign' ? { kind: 'refused', because: 'not ours' } : { kind: 'begun', id };
    },
    jobs: () => [{ id, state }],
    progress: (asked) => (asked === id ? { id, state } : undefined),
    pause: to('paused'),
    resume: to('running'),
    stop: to('stopped'),
  };
  return { id, orders, warm };
}

describe('warm-up over the admin API', () => {
  it('begins with URLs, with a sitemap, and with what is configured', async () => {
    const { id, orders, warm } = fakeWarming();
    const { url, post } = await setUp({ warm });
    const answer = await post('/api/warm', { urls: ['/a', '/b'] });
    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toBe(`/api/jobs/${id}`);
    expect(await answer.json()).toEqual({ job: id });
    await post('/api/warm', { sitemap: '/sitemap.xml' });
    expect((await fetch(`${url}/api/warm`, { method: 'POST' })).status).toBe(202);
    expect(orders).toEqual([{ urls: ['/a', '/b'] }, { sitemap: '/sitemap.xml' }, {}]);
  });

  it.each([
    ['both at once', { urls: ['/a'], sitemap: '/s.xml' }, 400],
    ['no URL at all', { urls: [] }, 400],
    ['an unknown key', { url: '/a' }, 400],
    ['a URL that is none', { urls: [7] }, 400],
    ['an endless URL', { urls: [`/${'x'.repeat(5000)}`] }, 400],
    ['what is not ours', { sitemap: 'foreign' }, 400],
    ['too many jobs', { sitemap: 'busy' }, 429],
  ])('refuses %s', async (_, body, status) => {
    const { post } = await setUp({ warm: fakeWarming().warm });
    const answer = await post('/api/warm', body);
    expect(answer.status).toBe(status);
    expect((await answer.json()).error).toEqual(expect.any(String));
  });

  it('shows a job, pauses it, goes on with it and stops it', async () => {
    const { id, warm } = fakeWarming();
    const { url } = await setUp({ warm });
    const job = async (method: string, action = '') => {
      const answer = await fetch(`${url}/api/jobs/${id}${action}`, { method });
      return [answer.status, (await answer.json()).state];
    };
    expect(await job('GET')).toEqual([200, 'running']);
    expect(await job('POST', '/pause')).toEqual([200, 'paused']);
    expect(await job('POST', '/pause')).toEqual([409, 'paused']);
    expect(await job('POST', '/resume')).toEqual([200, 'running']);
    expect(await job('DELETE')).toEqual([200, 'stopped']);
    expect(await job('DELETE')).toEqual([409, 'stopped']);
    expect(await (await fetch(`${url}/api/jobs`)).json()).toEqual({ jobs: [{ id, state: 'stopped' }] });
  });

  it('knows only ids of its own form', async () => {
    const { id, warm } = fakeWarming();
    const { url } = await setUp({ warm });
    for (const other of [
      randomUUID(),
      '<id>',
      '',
      'x',
      `${id}/`,
      `${id}%00`,
      id.toUpperCase(),
      `../jobs/${id}`,
      `${id}/x`,
    ]) {
      expect((await ask(url, 'GET', `/api/jobs/${other}`)).status, other).toBe(404);
    }
    expect(await ask(url, 'POST', `/api/jobs/${id}`)).toMatchObject({
      status: 405,
      body: expect.stringContaining('DELETE'),
    });
  });
});
