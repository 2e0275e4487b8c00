import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPreface, type TestPreface } from '../fixtures/preface.ts';
import { spaHandler, spaShell, startOrigin, type TestOrigin } from '../fixtures/spa.ts';

const googlebot = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';
/** In the ranges that come along. */
const itsAddress = '66.249.66.1';

let origin: TestOrigin;
const started: TestPreface[] = [];

async function start(listen: { readonly trustedProxies?: string[] }, verify: 'off' | 'label' | 'strict') {
  const preface = await startPreface({
    origin: origin.url,
    listen: { host: '127.0.0.1', port: 0, ...listen },
    render: { tabs: 1 },
    readers: { verify },
  });
  started.push(preface);
  const { trafficUrl } = preface;
  return (address: string) =>
    fetch(`${trafficUrl}/lamps/7`, { headers: { 'user-agent': googlebot, 'x-forwarded-for': address } });
}

beforeAll(async () => {
  origin = await startOrigin(spaHandler);
});

afterAll(async () => {
  for (const preface of started) await preface.close();
  await origin.close();
});

describe('who a reader really is', () => {
  it('is judged by the address behind the proxies that are trusted', async () => {
    const ask = await start({ trustedProxies: ['127.0.0.0/8'] }, 'strict');
    const answer = await ask(itsAddress);
    expect(answer.headers.get('x-preface')).toBe('page; reader=search; bot=Googlebot; verified=verified');
    expect(await answer.text()).toContain('Text of /lamps/7');
  });

  it('is not judged by an address that anybody can write into a header', async () => {
    const ask = await start({}, 'label');
    const answer = await ask(itsAddress);
    expect(answer.headers.get('x-preface')).toBe('page; reader=search; bot=Googlebot');
    expect(await answer.text()).not.toBe(spaShell);
  });

  it('is nobody’s question when verification is off', async () => {
    const ask = await start({ trustedProxies: ['127.0.0.0/8'] }, 'off');
    expect((await ask(itsAddress)).headers.get('x-preface')).toBe('page; reader=search; bot=Googlebot');
  });
});
