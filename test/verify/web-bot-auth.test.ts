import { describe, expect, it } from 'vitest';
import type { PrefaceEvent } from '../../src/events.ts';
import type { Document } from '../../src/verify/fetch-document.ts';
import { createKeyDirectories } from '../../src/verify/key-directory.ts';
import type { SignedMessage } from '../../src/verify/verifier.ts';
import { createSignatureCheck } from '../../src/verify/web-bot-auth.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';
import { directoryOf, publicTestKey, type Signing, signedRequest, testKeyId } from './signing.ts';

const now = 1_800_000_000;
const mediaType = 'application/http-message-signatures-directory+json';
const wellKnown = 'https://bot.example/.well-known/http-message-signatures-directory';

const directory = (body: string, rest: Partial<Document> = {}): Document => ({
  status: 200,
  etag: undefined,
  contentType: mediaType,
  body,
  ...rest,
});

/** A site that believes the bot, and the web with the bot's directory. */
function setUp(answer: () => Document | Promise<Document> = () => directory(directoryOf(publicTestKey))) {
  const clock = createFakeClock(now * 1000);
  const fetched: string[] = [];
  const events: PrefaceEvent[] = [];
  const fetchDocument = async (url: string) => {
    fetched.push(url);
    return answer();
  };
  const keys = createKeyDirectories({ fetchDocument, clock, report: (event) => void events.push(event) });
  const check = createSignatureCheck({ agents: ['https://bot.example'], scheme: 'https' }, { keys, clock });
  return { check, clock, fetched, events, judge: async (message: SignedMessage) => check(message) };
}

const signed = (signing: Signing = {}) => signedRequest(now, signing);

describe('a request with the signature of a known agent', () => {
  it('is verified', async () => {
    const { judge, fetched } = setUp();
    expect(await judge(signed())).toEqual({ verdict: 'verified', because: 'signature' });
    expect(fetched).toEqual([wellKnown]);
  });

  it('is verified at once when the keys are at hand', async () => {
    const { check, judge, fetched } = setUp();
    await judge(signed());
    expect(check(signed())).toEqual({ verdict: 'verified', because: 'signature' });
    expect(fetched).toHaveLength(1);
  });

  it('is verified when it covers more, and in the form of the earlier drafts', async () => {
    const { judge } = setUp();
    const covered = '"@method" "@target-uri" "signature-agent";key="sig1"';
    expect(await judge(signed({ covered }))).toMatchObject({ verdict: 'verified' });
    expect(await judge(signed({ isBare: true }))).toMatchObject({ verdict: 'verified' });
  });

  it.each<[string, string, Signing]>([
    ['signature-expired', 'has expired', { created: now - 120, expires: now - 1 }],
    ['signature-not-yet-valid', 'is from the future', { created: now + 120, expires: now + 180 }],
    ['signature-lasts-too-long', 'is good for ever', { created: now - 10, expires: now + 86_400 }],
    ['signature-covers-too-little', 'is for any host', { covered: '"@method" "signature-agent";key="sig1"' }],
    [
      'signature-algorithm',
      'is of another kind',
      { rest: `;keyid="${testKeyId}";alg="hmac-sha256";tag="web-bot-auth"` },
    ],
    ['signature-key-unknown', 'is by another key', { rest: ';keyid="other";tag="web-bot-auth"' }],
    ['signature-key-unknown', 'names no key', { rest: ';tag="web-bot-auth"' }],
  ])('is %s when it %s', async (because, _, signing) => {
    expect(await setUp().judge(signed(signing))).toEqual({ verdict: 'forged', because });
  });

  it('is forged when it was signed for another host', async () => {
    const { headers, ...rest } = signed({ host: 'other.example' });
    const replayed = { ...rest, headers: { ...headers, host: 'shop.example' } };
    expect(await setUp().judge(replayed)).toEqual({ verdict: 'forged', because: 'signature-invalid' });
  });

  it.each([
    ['path', { covered: '"@authority" "@path" "signature-agent";key="sig1"' }],
    ['whole target', { covered: '"@target-uri" "signature-agent";key="sig1"' }],
  ])('is forged when its covered %s is another one', async (_, signing) => {
    const moved = { ...signed(signing), url: '/admin' };
    expect(await setUp().judge(moved)).toEqual({ verdict: 'forged', because: 'signature-invalid' });
  });

  it('is forged when its lifetime was changed afterwards', async () => {
    const { headers, ...rest } = signed({ created: now - 120, expires: now - 60 });
    const input = headers['signature-input']?.replace(`expires=${now - 60}`, `expires=${now + 60}`) ?? '';
    expect(await setUp().judge({ ...rest, headers: { ...headers, 'signature-input': input } })).toEqual({
      verdict: 'forged',
      because: 'signature-invalid',
    });
  });
});

describe('labels', () => {
  it('lets one of two signatures be enough', async () => {
    const good = signed({ label: 'a' });
    const late = signed({ label: 'b', created: now - 120, expires: now - 60 });
    const both = Object.fromEntries(
      ['signature-agent', 'signature-input', 'signature'].map((name) => [
        name,
        `${late.headers[name]}, ${good.headers[name]}`,
      ]),
    );
    expect(await setUp().judge({ ...good, headers: { host: 'shop.example', ...both } })).toMatchObject({
      verdict: 'verified',
    });
  });

  it('does not lend a signature to another label', async () => {
    const { headers, ...rest } = signed();
    const renamed = {
      ...headers,
      'signature-input': headers['signature-input']?.replace('sig1=', 'sig2=') ?? '',
      signature: headers.signature?.replace('sig1=', 'sig2=') ?? '',
    };
    const { judge, fetched } = setUp();
    expect(await judge({ ...rest, headers: renamed })).toBeUndefined();
    const toldAgain = { ...renamed, 'signature-agent': 'sig1="https://bot.example", sig2="https://bot.example"' };
    expect(await judge({ ...rest, headers: toldAgain })).toBeUndefined();
    expect(fetched).toEqual([]);
  });

  it('hears nothing in a label that comes twice', async () => {
    const { headers, ...rest } = signed();
    const twice = { ...headers, 'signature-input': `${headers['signature-input']}, ${headers['signature-input']}` };
    expect(await setUp().judge({ ...rest, headers: twice })).toBeUndefined();
  });
});

describe('what makes no claim', () => {
  it.each<[string, Signing]>([
    ['an agent that is not on the list', { agent: 'https://other.example' }],
    ['a known agent at another place', { agent: 'https://bot.example/other' }],
    ['a known agent without TLS', { agent: 'http://bot.example' }],
    ['a key that comes along', { agent: 'data:application/json,x' }],
    ['a signature for another use', { rest: `;keyid="${testKeyId}";tag="other"` }],
    ['an agent that is not covered', { covered: '"@authority"' }],
    ['an agent in the earlier form that is not covered', { covered: '"@authority"', isBare: true }],
  ])('is %s, and nothing is fetched', async (_, signing) => {
    const { judge, fetched } = setUp();
    expect(await judge(signed(signing))).toBeUndefined();
    expect(fetched).toEqual([]);
  });

  it('is an oversized field, and one that is malformed', async () => {
    const { headers, ...rest } = signed();
    const { judge, fetched } = setUp();
    const padded = `${headers['signature-input']}, pad=("${'a'.repeat(4096)}")`;
    expect(await judge({ ...rest, headers: { ...headers, 'signature-input': padded } })).toBeUndefined();
    expect(await judge({ ...rest, headers: { ...headers, signature: 'sig1=:' } })).toBeUndefined();
    expect(await judge({ ...rest, headers: { host: 'shop.example' } })).toBeUndefined();
    expect(fetched).toEqual([]);
  });
});

describe('the key directory', () => {
  it('may be at a place of its own', async () => {
    const clock = createFakeClock(now * 1000);
    const fetched: string[] = [];
    const fetchDocument = async (url: string) => {
      fetched.push(url);
      return directory(directoryOf(publicTestKey), { contentType: 'application/json' });
    };
    const keys = createKeyDirectories({ fetchDocument, clock, report: () => {} });
    const agent = 'https://bot.example/keys/jwks.json';
    const check = createSignatureCheck({ agents: [agent], scheme: 'https' }, { keys, clock });
    expect(await check(signed({ agent }))).toMatchObject({ verdict: 'verified' });
    expect(fetched).toEqual([agent]);
  });

  it.each<[string, () => Document | Promise<Document>]>([
    ['is out of reach', () => Promise.reject(new Error('no network'))],
    ['is elsewhere', () => directory('', { status: 302 })],
    ['is missing', () => directory('', { status: 404 })],
    ['is of another type', () => directory(directoryOf(publicTestKey), { contentType: 'text/html' })],
    ['is not JSON', () => directory('<html>')],
    ['is JSON of another form', () => directory('{"keys": "none"}')],
  ])('leaves the reader unverifiable when it %s', async (_, answer) => {
    const { judge, events } = setUp(answer);
    expect(await judge(signed())).toEqual({ verdict: 'unverifiable', because: 'lookup-failed' });
    expect(events.map(({ type }) => type)).toEqual(['verify.failed']);
  });

  it('is asked every five minutes at most, however many keys are named', async () => {
    const { judge, fetched, clock } = setUp();
    for (let n = 0; n < 20; n += 1) await judge(signed({ rest: `;keyid="key-${n}";tag="web-bot-auth"` }));
    expect(fetched).toHaveLength(1);
    clock.advance(300_000);
    await judge(signedRequest(now + 300));
    await judge(signedRequest(now + 300, { rest: ';keyid="key";tag="web-bot-auth"' }));
    expect(fetched).toHaveLength(2);
  });

  it('is asked once by many at once', async () => {
    const { judge, fetched } = setUp();
    const findings = await Promise.all(Array.from({ length: 10 }, () => judge(signed())));
    expect(findings.every((finding) => finding?.verdict === 'verified')).toBe(true);
    expect(fetched).toHaveLength(1);
  });

  it('is good for a day when it cannot be had again, and no longer', async () => {
    let isUp = true;
    const { judge, clock } = setUp(() => {
      if (!isUp) throw new Error('down');
      return directory(directoryOf(publicTestKey));
    });
    await judge(signed());
    isUp = false;
    clock.advance(23 * 3_600_000);
    expect(await judge(signedRequest(now + 23 * 3600))).toMatchObject({ verdict: 'verified' });
    clock.advance(2 * 3_600_000);
    expect(await judge(signedRequest(now + 25 * 3600))).toMatchObject({ verdict: 'unverifiable' });
  });

  it('no longer vouches for a key that was removed', async () => {
    let keys: readonly object[] = [publicTestKey];
    const { judge, clock } = setUp(() => directory(directoryOf(...keys)));
    await judge(signed());
    keys = [];
    clock.advance(3_600_000);
    expect(await judge(signedRequest(now + 3600))).toEqual({ verdict: 'forged', because: 'signature-key-unknown' });
  });

  it.each([
    ['has run out', { exp: now - 1 }],
    ['is not yet in use', { nbf: now + 60 }],
    ['is of another kind', { kty: 'RSA', n: 'x', e: 'AQAB' }],
  ])('does not vouch for a key that %s', async (_, change) => {
    const { judge } = setUp(() => directory(directoryOf({ ...publicTestKey, ...change })));
    expect(await judge(signed())).toEqual({ verdict: 'forged', because: 'signature-key-unknown' });
  });
});
