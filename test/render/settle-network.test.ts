import type { Protocol } from 'puppeteer';
import { beforeEach, describe, expect, it } from 'vitest';
import { NetworkAccount } from '../../src/render/settle-network.ts';
import { settleRules } from '../../src/render/settle-rules.ts';

let nowMs = 0;
let account: NetworkAccount;
let lastId = 0;

beforeEach(() => {
  nowMs = 1_000;
  account = new NetworkAccount(
    settleRules({ horizonMs: 5_000, longRequestMs: 2_000, quietMs: 0 }).network,
    () => nowMs,
  );
});

type Given = { type?: Protocol.Network.ResourceType; method?: string; postData?: string; loaderId?: string };

function start(url: string, { type = 'Fetch', method = 'GET', postData, loaderId = 'main' }: Given = {}): string {
  const requestId = String(++lastId);
  const request = { url, method, ...(postData !== undefined && { postData }) };
  account.requestStarted({ requestId, type, loaderId, request } as Protocol.Network.RequestWillBeSentEvent);
  return requestId;
}

function begin(requestId: string, mimeType = 'application/json') {
  account.responseBegan({ requestId, response: { mimeType } } as Protocol.Network.ResponseReceivedEvent);
}

function fetchAll(urls: readonly string[]) {
  for (const url of urls) {
    const id = start(url);
    begin(id);
    account.requestEnded(id);
  }
}

const pending = () => account.open().map(({ label }) => label);

describe('requests', () => {
  it('are open until they end', () => {
    const id = start('/a');
    expect(pending()).toEqual(['fetch /a']);
    account.requestEnded(id);
    expect(pending()).toEqual([]);
  });

  it.each(['Ping', 'Media', 'CSPViolationReport', 'Prefetch'] as const)('of type %s do not count', (type) => {
    start('/a', { type });
    expect(pending()).toEqual([]);
  });

  it("for a worker's script do not count, since their end is told elsewhere", () => {
    start('/worker.js', { type: 'Script', loaderId: '' });
    expect(pending()).toEqual([]);
  });

  it('of the document before are forgotten', () => {
    start('/old', { loaderId: 'old' });
    start('/new', { loaderId: 'new' });
    account.keepOnly('new');
    expect(pending()).toEqual(['fetch /new']);
  });

  it('made again and again are polling, which is neither pending nor progress', () => {
    fetchAll(Array(10).fill('/status'));
    expect(account.repeating).toBe(false);
    const { version } = account;
    start('/status');
    expect(pending()).toEqual([]);
    expect(account.repeating).toBe(true);
    expect(account.version).toBe(version);
  });

  it('to one address with different bodies are different requests', () => {
    for (let n = 0; n < 20; n++) start('/graphql', { method: 'POST', postData: `{"query":"q${'x'.repeat(n)}"}` });
    expect(pending()).toHaveLength(20);
  });

  it('one after the other that differ in a number only are endless after a while', () => {
    fetchAll(Array.from({ length: 50 }, (_, n) => `/list?page=${n}`));
    expect(account.repeating).toBe(false);
    start('/list?page=50');
    expect(account.repeating).toBe(true);
  });

  it('all at once that differ in a number only are a list', () => {
    for (let n = 0; n < 200; n++) start(`/items/${n}`);
    expect(pending()).toHaveLength(200);
  });

  it('bring news the first time only', () => {
    fetchAll(['/status']);
    const { newsMs } = account;
    nowMs += 500;
    fetchAll(['/status']);
    expect(account.newsMs).toBe(newsMs);
    fetchAll(['/other']);
    expect(account.newsMs).toBe(nowMs);
  });
});

describe('connections that stay open', () => {
  const until = () => (account.open()[0]?.untilMs ?? Number.NaN) - nowMs;

  it('are waited for a moment where nobody says anything', () => {
    account.channelCreated('w', 'ws://x/');
    account.channelOpened('w');
    expect(until()).toBe(300);
  });

  it('are waited for longer where the page has said something', () => {
    account.channelCreated('w', 'ws://x/');
    account.channelOpened('w');
    account.channelSaid('w');
    expect(until()).toBe(1_000);
  });

  it('are waited for until they have fallen silent after the last message', () => {
    account.channelCreated('w', 'ws://x/');
    account.channelOpened('w');
    account.channelHeard('w');
    nowMs += 200;
    account.channelHeard('w');
    expect(until()).toBe(250);
  });

  it('that never fall silent are let be', () => {
    account.channelCreated('w', 'ws://x/');
    account.channelOpened('w');
    for (let n = 0; n < 30; n++) {
      account.channelHeard('w');
      nowMs += 100;
    }
    expect(until()).toBeLessThan(0);
    const { version } = account;
    account.channelHeard('w');
    expect(account.version).toBe(version);
  });

  it('may be event streams, however they are asked for', () => {
    start('/live', { type: 'EventSource' });
    const id = start('/feed');
    begin(id, 'text/event-stream');
    expect(account.open().map(({ kind }) => kind)).toEqual(['channel', 'channel']);
  });

  it('may be long polls of a known protocol', () => {
    start('/socket.io/?EIO=4&transport=polling&sid=abc');
    expect(account.open()[0]?.kind).toBe('channel');
  });
});
