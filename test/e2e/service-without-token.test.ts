import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerTo, type ServiceUnderTest, startService } from '../fixtures/service.ts';
import { spaHandler, startOrigin, type TestOrigin } from '../fixtures/spa.ts';

const site = 'https://www.example.com';

let origin: TestOrigin;
let service: ServiceUnderTest;

beforeAll(async () => {
  origin = await startOrigin(spaHandler);
  service = await startService({
    origin: origin.url,
    publicUrl: site,
    render: { tabs: 1 },
    service: { enabled: true, port: 0 },
  });
});

afterAll(async () => {
  await service.close();
  await origin.close();
});

const ask = (target: string, headers: Readonly<Record<string, string>>) => answerTo(service.url, target, { headers });
const recache = (url: string, headers: Readonly<Record<string, string>>) =>
  answerTo(service.url, '/recache', { method: 'POST', headers, body: JSON.stringify({ url }) });

const port = () => new URL(service.url).port;

describe('the rendering service without a token', () => {
  it.each(['127.0.0.1', 'localhost', 'www.example.com'])(
    'works for the middleware of this machine as %s',
    async (name) => {
      const host = name.includes('example') ? name : `${name}:${port()}`;
      expect((await ask(`/${site}/a`, { host })).status).toBe(200);
      expect((await ask(`/render/${site}/a`, { host })).status).toBe(200);
      expect((await recache(`${site}/a`, { host })).status).toBe(200);
    },
  );

  it.each<[string, (port: string) => Record<string, string>]>([
    ['an origin', (port) => ({ host: `localhost:${port}`, origin: 'https://evil.example' })],
    ['a picture that is none of its own', (port) => ({ host: `localhost:${port}`, 'sec-fetch-site': 'cross-site' })],
    ['a name that leads here', (port) => ({ host: `evil.example:${port}` })],
  ])('renders nothing for a website that somebody on this machine has open, with %s', async (_, headersFor) => {
    const headers = headersFor(port());
    const orders = [`/${site}/never`, `/render?url=${site}/never`, `/render/${site}/never?refreshCache`];
    for (const target of [...orders, `/screenshot/${site}/never`]) {
      const { status, headers: fields } = await ask(target, headers);
      expect([target, status, fields['cache-control']]).toEqual([target, 403, 'no-store']);
    }
    const { status, body } = await recache(`${site}/never`, headers);
    expect([status, JSON.parse(String(body))]).toEqual([403, { error: expect.any(String) }]);
    expect((await ask('/_ah/health', headers)).status).toBe(200);
    // What the tests before have ordered may still be rendered meanwhile.
    expect(origin.requests.filter((request) => request.includes('/never'))).toEqual([]);
  });
});
