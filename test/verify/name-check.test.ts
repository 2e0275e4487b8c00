import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { checkName, isUnder } from '../../src/verify/name-check.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';
import { type DnsAnswer, type DnsRecord, startDnsServer } from './dns-server.ts';

const suffixes = ['googlebot.com', 'google.com'];

const record = (name: string, type: DnsRecord['type'], ...values: string[]) =>
  values.map((value) => ({ name, type, value }));

/** The zone in which an address has these names, and what those are said to be. */
function zoneOf(address: string, names: readonly string[], rest: Readonly<Record<string, DnsAnswer>>) {
  const reverse = `${address.split('.').reverse().join('.')}.in-addr.arpa`;
  return { [`${reverse} PTR`]: record(reverse, 'PTR', ...names), ...rest };
}

async function verdictOn(address: string, zone: Readonly<Record<string, DnsAnswer>>, timeoutMs = 10_000) {
  await using server = await startDnsServer(zone, { timeoutMs });
  const verdict = await checkName(address, suffixes, { names: server.names, clock: systemClock, limitMs: 30_000 });
  return { verdict, questions: server.questions };
}

const crawler = 'crawl-66-249-66-1.googlebot.com';

describe('the name of an address', () => {
  it('is confirmed when it is below a suffix and has the address', async () => {
    const { verdict } = await verdictOn(
      '66.249.66.1',
      zoneOf('66.249.66.1', [crawler], { [`${crawler} A`]: record(crawler, 'A', '66.249.66.1') }),
    );
    expect(verdict).toBe('confirmed');
  });

  it('is refuted when the name has other addresses: anybody can write any reverse name', async () => {
    const spoofed = 'crawl-95-216-227-158.googlebot.com';
    const { verdict } = await verdictOn(
      '95.216.227.158',
      zoneOf('95.216.227.158', [spoofed], { [`${spoofed} A`]: record(spoofed, 'A', '66.249.66.1', '66.249.66.2') }),
    );
    expect(verdict).toBe('refuted');
  });

  it('is refuted when the name does not exist', async () => {
    expect((await verdictOn('95.216.227.158', zoneOf('95.216.227.158', [crawler], {}))).verdict).toBe('refuted');
  });

  it('is refuted without a second question when it is below no suffix', async () => {
    const strangers = ['evilgooglebot.com', 'crawl.googlebot.com.evil.example', 'googlebot.com.evil.example'];
    const { verdict, questions } = await verdictOn('198.51.100.9', zoneOf('198.51.100.9', strangers, {}));
    expect(verdict).toBe('refuted');
    expect(questions).toHaveLength(1);
  });

  it('is refuted when there is none', async () => {
    expect((await verdictOn('198.51.100.9', {})).verdict).toBe('refuted');
  });

  it('may be one of several', async () => {
    const { verdict } = await verdictOn(
      '66.249.66.1',
      zoneOf('66.249.66.1', ['host.example', 'old.googlebot.com', crawler], {
        [`${crawler} A`]: record(crawler, 'A', '66.249.66.9', '66.249.66.1'),
      }),
    );
    expect(verdict).toBe('confirmed');
  });

  it('is not asked for more than four of many', async () => {
    const many = Array.from({ length: 20 }, (_, index) => `c${index}.googlebot.com`);
    const { verdict, questions } = await verdictOn('198.51.100.9', zoneOf('198.51.100.9', many, {}));
    expect(verdict).toBe('refuted');
    expect(questions).toHaveLength(5);
  });

  it('is looked up in AAAA for an IPv6 address, whatever the spelling', async () => {
    const nibbles = '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.1.0.8.4.0.6.8.4.1.0.0.2.ip6.arpa';
    const name = 'crawl-v6.googlebot.com';
    const { verdict, questions } = await verdictOn('2001:4860:4801:10::1', {
      [`${nibbles} PTR`]: record(nibbles, 'PTR', name),
      [`${name} AAAA`]: record(name, 'AAAA', '2001:4860:4801:10:0:0:0:1'),
    });
    expect(questions).toEqual([`${nibbles} PTR`, `${name} AAAA`]);
    expect(verdict).toBe('confirmed');
  });

  it.each(['silence', 'server-failure'] as const)('is unknown when the answer is %s', async (answer) => {
    const reverse = '1.66.249.66.in-addr.arpa PTR';
    expect((await verdictOn('66.249.66.1', { [reverse]: answer }, 100)).verdict).toBe('unknown');
    const forward = zoneOf('66.249.66.1', [crawler], { [`${crawler} A`]: answer });
    expect((await verdictOn('66.249.66.1', forward, 100)).verdict).toBe('unknown');
  });

  it('is refuted by names that lead in a circle', async () => {
    const other = 'other.googlebot.com';
    const circle = [...record(crawler, 'CNAME', other), ...record(other, 'CNAME', crawler)];
    const { verdict } = await verdictOn(
      '66.249.66.1',
      zoneOf('66.249.66.1', [crawler], { [`${crawler} A`]: circle, [`${other} A`]: circle }),
    );
    expect(verdict).toBe('refuted');
  });

  it('is unknown when the answer takes longer than the limit', async () => {
    const clock = createFakeClock();
    const never = new Promise<never>(() => {});
    const names = { resolvePtr: () => never, resolve4: () => never, resolve6: () => never };
    const verdict = checkName('66.249.66.1', suffixes, { names, clock, limitMs: 3_000 });
    clock.advance(3_000);
    expect(await verdict).toBe('unknown');
  });

  it.each([
    ['crawl.googlebot.com', true],
    ['Crawl.GoogleBot.com.', true],
    ['googlebot.com', false],
    ['evilgooglebot.com', false],
    ['crawl.googlebot.com.evil.example', false],
  ])('%s is under googlebot.com: %s', (name, expected) => {
    expect(isUnder(name, ['googlebot.com'])).toBe(expected);
  });
});
