import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createEventStream } from '../../src/admin/event-stream.ts';
import type { AnswerEvent, PrefaceEvent } from '../../src/events.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';
import { closeAdmins, setUp } from './admin.ts';

const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await closeAdmins();
});

async function streaming() {
  const clock = createFakeClock();
  const events = createEventStream(clock);
  const { url } = await setUp({ events: events.open });
  /** Listens; resolves when the stream has begun. */
  async function listen(): Promise<{ response: IncomingMessage; text: () => string }> {
    const [response] = (await once(get(`${url}/api/events`, { agent: false }), 'response')) as [IncomingMessage];
    sockets.push(response.socket);
    let text = '';
    response.setEncoding('utf8').on('data', (piece) => (text += piece));
    if (response.statusCode === 200) await once(response, 'data');
    return { response, text: () => text };
  }
  return { clock, events, url, listen };
}

const purged: PrefaceEvent = { type: 'cache.purged', count: 3, mode: 'soft', what: '{"tags":["a\nb"]}' };
const answered = (target: string) => ({ ...answer, target }) as AnswerEvent;
const answer: Partial<AnswerEvent> = {
  type: 'answer',
  method: 'GET',
  host: 'shop.example',
  status: 200,
  reader: { class: 'social', name: 'Twitterbot' },
  outcome: 'hit',
};

describe('the event stream', () => {
  it('tells answers, renders and purges as they happen, and nothing else', async () => {
    const { clock, events, listen } = await streaming();
    const { response, text } = await listen();
    expect(response.headers['content-type']).toBe('text/event-stream');
    events.report(answered('/a'));
    events.report({ type: 'egress', verdict: 'allowed', host: 'x' });
    events.report(purged);
    clock.advance(100);
    await once(response, 'data');
    const told = text()
      .split('\n\n')
      .filter((block) => block.startsWith('event:'));
    expect(told.map((block) => block.split('\n', 1)[0])).toEqual(['event: answer', 'event: cache.purged']);
    const [answer, purge] = told.map((block) => JSON.parse(block.slice(block.indexOf('data: ') + 6)));
    expect(answer).toMatchObject({ target: '/a', outcome: 'hit', at: expect.stringMatching(/^1970-.*Z$/) });
    expect(purge).toMatchObject({ count: 3, what: '{"tags":["a\nb"]}' });
  });

  it('beats, so that a quiet connection is not taken for a dead one, and stops when nobody listens', async () => {
    const { clock, listen } = await streaming();
    const { response, text } = await listen();
    clock.advance(15_000);
    await once(response, 'data');
    expect(text()).toContain(': still here\n\n');
  });

  it('counts what would be too much', async () => {
    const { clock, events, listen } = await streaming();
    const { response, text } = await listen();
    for (let n = 0; n < 5000; n += 1) events.report(answered(`/${n}`));
    clock.advance(100);
    while (!text().includes('left-out')) await once(response, 'data');
    expect(text().length).toBeLessThan(140 * 1024);
    const [, told = ''] = /left-out\ndata: (.*)\n/.exec(text()) ?? [];
    expect(JSON.parse(told).count).toBe(5000 - text().split('event: answer').length + 1);
  });

  it('drops a listener that does not read, and goes on with the others', async () => {
    const { clock, events, url, listen } = await streaming();
    const { response, text } = await listen();
    const { hostname, port } = new URL(url);
    const idle = connect(Number(port), hostname);
    sockets.push(idle);
    idle.write(`GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await once(idle, 'readable');
    // More than the buffers of two sockets take; the one who reads gets all of it.
    const rounds = 150;
    for (let round = 0; round < rounds; round += 1) {
      const before = text().length;
      events.report(answered(`/${'x'.repeat(100_000)}`));
      clock.advance(100);
      while (text().length < before + 100_000) await once(response, 'data');
    }
    let received = 0;
    idle.on('data', (piece) => (received += piece.length));
    await once(idle, 'close');
    expect(received).toBeLessThan((rounds * 100_000) / 1.2);
    expect(response.destroyed).toBe(false);
  });

  it('listens to twenty and tells the next one to come again', async () => {
    const { listen, url } = await streaming();
    const first = await listen();
    await Promise.all(Array.from({ length: 19 }, listen));
    const refused = await fetch(`${url}/api/events`);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('10');
    await refused.text();
    first.response.destroy();
    for (;;) {
      const { response } = await listen();
      if (response.statusCode === 200) break;
    }
  });

  it('answers HEAD without beginning', async () => {
    const { url } = await streaming();
    const answer = await fetch(`${url}/api/events`, { method: 'HEAD' });
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    expect(await answer.text()).toBe('');
  });
});
