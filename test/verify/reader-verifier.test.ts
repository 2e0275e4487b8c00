import { describe, expect, it } from 'vitest';
import { specialNetworks } from '../../src/egress/addresses.ts';
import type { PrefaceEvent } from '../../src/events.ts';
import type { Document } from '../../src/verify/fetch-document.ts';
import type { VerificationMethod } from '../../src/verify/finding.ts';
import { createReaderVerifier, type SiteVerification } from '../../src/verify/reader-verifier.ts';
import type { SignedMessage } from '../../src/verify/verifier.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';
import { directoryOf, publicTestKey, signedRequest } from './signing.ts';

const now = 1_800_000_000;
const day = 86_400_000;
const crawlerName = 'crawl.googlebot.com';

const methods = new Map<string, VerificationMethod>([
  ['Googlebot', { method: 'ranges', url: 'https://google.example/r.json', suffixes: ['googlebot.com'] }],
  ['Googlebot-Image', { method: 'ranges', url: 'https://google.example/r.json', suffixes: ['googlebot.com'] }],
  ['GPTBot', { method: 'ranges', url: 'https://openai.example/r.json' }],
  ['YandexBot', { method: 'dns', suffixes: ['yandex.ru'] }],
  ['Twitterbot', { method: 'none' }],
]);

const ranges = [
  { url: 'https://google.example/r.json', asOf: '2026-09-15', prefixes: ['66.249.64.0/19'] },
  { url: 'https://openai.example/r.json', asOf: '2026-09-15', prefixes: ['20.171.206.0/24'] },
];

const plain: SignedMessage = { method: 'GET', url: '/', headers: { host: 'shop.example' } };

interface Setting extends Partial<SiteVerification> {
  /** Names of addresses; an address without one is not found, and for `silent` ones nobody ever answers. */
  readonly names?: Readonly<Record<string, string>>;
  readonly forward?: Readonly<Record<string, readonly string[]>>;
  readonly isSilent?: boolean;
  readonly documents?: Readonly<Record<string, string>>;
  readonly maxLookups?: number;
  readonly maxRemembered?: number;
}

function setUp(setting: Setting = {}) {
  const { names = {}, forward = {}, isSilent = false, documents = {} } = setting;
  const clock = createFakeClock(now * 1000);
  const questions: string[] = [];
  const fetched: string[] = [];
  const events: PrefaceEvent[] = [];
  const notFound = () => Promise.reject(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }));
  const resolve = (name: string) => {
    questions.push(name);
    if (isSilent) return new Promise<never>(() => {});
    const answer = forward[name];
    return answer === undefined ? notFound() : Promise.resolve(answer);
  };
  const verifier = createReaderVerifier(
    {
      methods,
      ranges,
      specialNetworks,
      waitMs: 300,
      lookupMs: 3_000,
      maxRemembered: setting.maxRemembered ?? 100,
      maxLookups: setting.maxLookups ?? 10,
    },
    {
      names: {
        resolvePtr: (name) => {
          questions.push(name);
          if (isSilent) return new Promise<never>(() => {});
          const found = names[name.replace('.in-addr.arpa', '').split('.').reverse().join('.')];
          return found === undefined ? notFound() : Promise.resolve([found]);
        },
        resolve4: resolve,
        resolve6: resolve,
      },
      fetchDocument: async (url): Promise<Document> => {
        fetched.push(url);
        const body = documents[url];
        if (body === undefined) throw new Error('no network');
        return {
          status: 200,
          etag: undefined,
          contentType: 'application/http-message-signatures-directory+json',
          body,
        };
      },
      clock,
      report: (event) => void events.push(event),
    },
  );
  const { isStrict = true, agents = [], scheme = 'https' } = setting;
  const site = verifier.forSite({ isStrict, agents, scheme });
  const check = (name: string | undefined, address: string, message: SignedMessage = plain) =>
    site.check({ name, address: () => address, message });
  return { check, verifier, clock, questions, fetched, events };
}

const googlebot = { names: { '64.233.160.1': crawlerName }, forward: { [crawlerName]: ['64.233.160.1'] } };

describe('a reader', () => {
  it('is verified at once, and without a question, by an address in its ranges', () => {
    const { check, questions, fetched } = setUp();
    expect(check('Googlebot', '66.249.66.1')).toBe('verified');
    expect([...questions, ...fetched]).toEqual([]);
  });

  it('is verified by its name when its address is in no list', async () => {
    const { check, events } = setUp(googlebot);
    expect(await check('Googlebot', '64.233.160.1')).toBe('verified');
    expect(events).toContainEqual({
      type: 'reader.checked',
      name: 'Googlebot',
      address: '64.233.160.1',
      verified: 'verified',
      because: 'name-confirmed',
    });
  });

  it('is forged when its address has another name or none', async () => {
    const { check } = setUp({ names: { '8.8.8.8': 'dns.google' } });
    expect(await check('Googlebot', '8.8.8.8')).toBe('forged');
    expect(await check('YandexBot', '8.8.4.4')).toBe('forged');
  });

  it('is unverifiable, and nobody is asked, when it publishes nothing or is unknown', () => {
    const { check, questions, fetched } = setUp();
    expect(check('Twitterbot', '8.8.8.8')).toBe('unverifiable');
    expect(check('Nobody', '8.8.8.8')).toBe('unverifiable');
    expect(check(undefined, '8.8.8.8')).toBe('unverifiable');
    expect([...questions, ...fetched]).toEqual([]);
  });

  it.each(['127.0.0.1', '10.0.0.7', '172.17.0.1', 'fd00::7', ''])(
    'is unverifiable, and nobody is asked, when a proxy hides it behind %j',
    (address) => {
      const { check, questions, fetched } = setUp();
      expect(check('Googlebot', address)).toBe('unverifiable');
      expect([...questions, ...fetched]).toEqual([]);
    },
  );

  it('of which only ranges are known is judged by the newest list', async () => {
    const list = JSON.stringify({ prefixes: [{ ipv4Prefix: '20.171.206.0/24' }, { ipv4Prefix: '52.230.152.0/24' }] });
    const { check, fetched, questions } = setUp({ documents: { 'https://openai.example/r.json': list } });
    expect(await check('GPTBot', '52.230.152.9')).toBe('verified');
    expect(await check('GPTBot', '8.8.8.8')).toBe('forged');
    expect(fetched).toEqual(['https://openai.example/r.json']);
    expect(questions).toEqual([]);
  });

  it('is not called forged by an old list that could not be renewed', async () => {
    expect(await setUp().check('GPTBot', '52.230.152.9')).toBe('unverifiable');
  });
});

describe('what was found', () => {
  it('is remembered for the whole family: a day when good', async () => {
    const { check, questions, clock } = setUp(googlebot);
    await check('Googlebot', '64.233.160.1');
    clock.advance(day - 1);
    expect(check('Googlebot-Image', '64.233.160.1')).toBe('verified');
    expect(questions).toHaveLength(2);
    clock.advance(1);
    expect(await check('Googlebot', '64.233.160.1')).toBe('verified');
    expect(questions).toHaveLength(4);
  });

  it('is remembered for an hour when bad', async () => {
    const { check, questions, clock } = setUp();
    await check('Googlebot', '8.8.8.8');
    clock.advance(day / 24 - 1);
    expect(check('Googlebot', '8.8.8.8')).toBe('forged');
    clock.advance(1);
    await check('Googlebot', '8.8.8.8');
    expect(questions).toHaveLength(2);
  });

  it('holds for one family and one address only', async () => {
    const { check } = setUp(googlebot);
    await check('Googlebot', '64.233.160.1');
    expect(await check('YandexBot', '64.233.160.1')).toBe('forged');
    expect(await check('Googlebot', '64.233.160.2')).toBe('forged');
  });

  it('is not forgotten for a flood of forgers', async () => {
    const { check, questions } = setUp({ ...googlebot, maxRemembered: 10 });
    await check('Googlebot', '64.233.160.1');
    for (let n = 0; n < 50; n += 1) await check('Googlebot', `8.8.8.${n}`);
    const before = questions.length;
    expect(check('Googlebot', '64.233.160.1')).toBe('verified');
    expect(questions).toHaveLength(before);
  });
});

describe('nobody waits', () => {
  it('for a lookup when labelling: the verdict counts from the next request on', async () => {
    const { check } = setUp({ ...googlebot, isStrict: false });
    expect(check('Googlebot', '64.233.160.1')).toBe('pending');
    await new Promise(setImmediate);
    expect(check('Googlebot', '64.233.160.1')).toBe('verified');
  });

  it('for longer than 300 ms when strict', async () => {
    const { check, clock } = setUp({ isSilent: true });
    const verdict = check('YandexBot', '8.8.8.8');
    clock.advance(299);
    expect(await Promise.race([verdict, Promise.resolve('waiting')])).toBe('waiting');
    clock.advance(1);
    expect(await verdict).toBe('pending');
  });

  it('for a name server that never answers: after three seconds that is remembered as no answer', async () => {
    const { check, clock, questions } = setUp({ isSilent: true });
    const verdict = check('YandexBot', '8.8.8.8');
    clock.advance(3_000);
    await verdict;
    await new Promise(setImmediate);
    expect(check('YandexBot', '8.8.8.8')).toBe('unverifiable');
    expect(questions).toHaveLength(1);
  });

  it('in a flood: only so many lookups are under way, one for each address', async () => {
    const { check, questions, clock } = setUp({ isSilent: true, maxLookups: 3 });
    for (let n = 0; n < 20; n += 1) for (let again = 0; again < 3; again += 1) void check('YandexBot', `8.8.8.${n}`);
    expect(questions).toHaveLength(3);
    expect(check('YandexBot', '8.8.4.4')).toBe('unverifiable');
    clock.advance(3_000);
    await new Promise(setImmediate);
    void check('YandexBot', '8.8.4.4');
    expect(questions).toHaveLength(4);
  });
});

describe('a signature', () => {
  const agents = ['https://bot.example'];
  const documents = { 'https://bot.example/.well-known/http-message-signatures-directory': directoryOf(publicTestKey) };

  it('verifies a reader that could not be verified otherwise', async () => {
    const { check } = setUp({ agents, documents });
    expect(await check('Twitterbot', '8.8.8.8', signedRequest(now))).toBe('verified');
    expect(check(undefined, '127.0.0.1', signedRequest(now))).toBe('verified');
  });

  it('is worth nothing where the agent is not on the list', () => {
    const { check, fetched } = setUp({ documents });
    expect(check('Twitterbot', '8.8.8.8', signedRequest(now))).toBe('unverifiable');
    expect(fetched).toEqual([]);
  });

  it('that is bad gives a forger away, but does no harm to a proven address', async () => {
    const { check } = setUp({ agents, documents });
    const expired = signedRequest(now, { created: now - 120, expires: now - 60 });
    expect(check('Twitterbot', '8.8.8.8', expired)).toBe('forged');
    expect(check('Googlebot', '66.249.66.1', expired)).toBe('verified');
  });

  it('is not remembered: the next request without one is judged by its address', async () => {
    const { check } = setUp({ agents, documents });
    await check('YandexBot', '8.8.8.8', signedRequest(now));
    expect(await check('YandexBot', '8.8.8.8')).toBe('forged');
  });

  it('leaves the reader unverifiable while its keys are out of reach', async () => {
    expect(await setUp({ agents }).check('Twitterbot', '8.8.8.8', signedRequest(now))).toBe('unverifiable');
  });
});
