import { describe, expect, it } from 'vitest';
import { createResolver } from '../../src/egress/resolver.ts';
import { stoppedClock } from './support.ts';

describe('the resolver', () => {
  it('asks once for a name, however many ask at the same time, and remembers for a while', async () => {
    const clock = stoppedClock();
    const asked: string[] = [];
    const addressesOf = createResolver(async (name) => [`192.0.2.${asked.push(name)}`], clock);
    const [one, two] = await Promise.all([addressesOf('a.example'), addressesOf('a.example.')]);
    expect([one, two]).toEqual([['192.0.2.1'], ['192.0.2.1']]);
    expect(addressesOf('a.example')).toEqual(['192.0.2.1']);
    clock.advance(31_000);
    expect(await addressesOf('a.example')).toEqual(['192.0.2.2']);
    expect(asked).toEqual(['a.example', 'a.example']);
  });

  it('takes a failure for no answer, and remembers it for a shorter while', async () => {
    const clock = stoppedClock();
    let asked = 0;
    const addressesOf = createResolver(() => {
      asked += 1;
      throw new Error('broken');
    }, clock);
    expect(await addressesOf('a.example')).toEqual([]);
    expect(await addressesOf('a.example')).toEqual([]);
    expect(asked).toBe(1);
    clock.advance(6_000);
    expect(await addressesOf('a.example')).toEqual([]);
    expect(asked).toBe(2);
  });

  it('gives up on a name server that does not answer', async () => {
    const after = (_ms: number, call: () => void) => {
      setImmediate(call);
      return () => {};
    };
    const clock = { ...stoppedClock(), after };
    expect(await createResolver(() => new Promise(() => {}), clock)('a.example')).toEqual([]);
  });

  it('asks nobody about an address or about this machine', () => {
    const addressesOf = createResolver(() => Promise.reject(new Error('asked')), stoppedClock());
    expect(addressesOf('192.0.2.7')).toEqual(['192.0.2.7']);
    expect(addressesOf('[2001:db8::7]')).toEqual(['2001:db8::7']);
    for (const name of ['localhost', 'localhost.', 'app.localhost']) {
      expect(addressesOf(name)).toEqual(['127.0.0.1', '::1']);
    }
  });
});
