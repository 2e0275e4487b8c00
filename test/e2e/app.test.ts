import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPreface, type TestPreface } from '../fixtures/preface.ts';
import { spaHandler, spaShell, startOrigin, type TestOrigin } from '../fixtures/spa.ts';

const reader = { 'user-agent': 'Twitterbot/1.0' };
const person = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  accept: 'text/html',
};

let origin: TestOrigin;
let preface: TestPreface;
let traffic: string;
let admin: string;

beforeAll(async () => {
  origin = await startOrigin((request, response) => {
    if (request.method === 'POST') return void request.pipe(response);
    spaHandler(request, response);
  });
  preface = await startPreface({ origin: origin.url });
  traffic = preface.trafficUrl;
  admin = preface.adminUrl;
});

afterAll(async () => {
  await preface.close();
  await origin.close();
});

const get = (path: string, headers: Record<string, string> = reader) =>
  fetch(traffic + path, { headers, redirect: 'manual' });

describe('Preface in front of an application', () => {
  it('gives a reader the finished page and a person the application byte for byte', async () => {
    const page = await get('/lamps/7');
    const html = await page.text();
    expect(page.status).toBe(200);
    expect(html).toContain('<title>Page /lamps/7</title>');
    expect(html).toContain('Text of /lamps/7');
    expect(html).not.toContain('<script');
    expect(page.headers.get('x-preface')).toBe('page; reader=social; bot=Twitterbot');
    expect(page.headers.get('set-cookie')).toBeNull();
    const shell = await get('/lamps/7', person);
    expect(await shell.text()).toBe(spaShell);
    expect(shell.headers.get('set-cookie')).toBe('visit=1');
  });

  it('answers the second reader from the cache', async () => {
    await (await get('/cached')).text();
    const again = await get('/cached');
    expect(again.headers.get('cache-status')).toMatch(/^Preface; hit; ttl=\d+$/);
    expect(await again.text()).toContain('Text of /cached');
  });

  it('renders once for fifty readers who ask at the same time', async () => {
    const before = origin.requests.length;
    const answers = await Promise.all(Array.from({ length: 50 }, () => get('/crowd').then((answer) => answer.text())));
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('Text of /crowd');
    expect(origin.requests.slice(before).filter((line) => line === 'GET /crowd')).toHaveLength(1);
  });

  it('takes over the status that the page gives itself, on the first answer and from the cache', async () => {
    expect((await get('/missing/lamp')).status).toBe(404);
    const again = await get('/missing/lamp');
    expect(again.status).toBe(404);
    expect(again.headers.get('cache-status')).toContain('hit');
  });

  it('answers a redirect of the origin as a redirect', async () => {
    const answer = await get('/moved');
    expect(answer.status).toBe(301);
    expect(answer.headers.get('location')).toMatch(/\/new-home$/);
  });

  it('passes on what is not a page', async () => {
    const answer = await get('/report', { ...reader });
    await answer.text();
    const pdf = await get('/report.pdf');
    expect(pdf.headers.get('content-type')).toBe('application/pdf');
    expect(await pdf.text()).toBe('%PDF-1.7');
  });

  it('carries an upload to the application and its answer back unchanged', async () => {
    const bytes = randomBytes(5_000_000);
    const answer = await fetch(`${traffic}/upload`, { method: 'POST', body: bytes, headers: person });
    const back = Buffer.from(await answer.arrayBuffer());
    expect(createHash('sha256').update(back).digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it('renders anew after a purge', async () => {
    await (await get('/purged')).text();
    const purge = await fetch(`${admin}/api/purge`, {
      method: 'POST',
      body: JSON.stringify({ urls: ['/purged'], mode: 'hard' }),
    });
    expect(await purge.json()).toEqual({ purged: 1, mode: 'hard' });
    expect((await get('/purged')).headers.get('cache-status')).toBe('Preface; fwd=uri-miss; stored');
  });

  it('is ready, and tells its numbers', async () => {
    await (await get('/ready')).text();
    expect((await fetch(`${admin}/readyz`)).status).toBe(200);
    const metrics = await (await fetch(`${admin}/metrics`)).text();
    expect(metrics).toMatch(/preface_requests_total\{reader="social",outcome="render"\} [1-9]/);
    expect(metrics).toMatch(/preface_renders_total\{result="ok"\} [1-9]/);
    const status = await (await fetch(`${admin}/api/status`)).json();
    expect(status).toMatchObject({ version: '0.0.0-test', ready: true });
  });

  it('goes on with another configuration without a failed request', async () => {
    const asking = Array.from({ length: 40 }, (_, n) => get(`/reload/${n % 4}`, n % 2 === 0 ? reader : person));
    await preface.reload({ origin: origin.url, paths: [{ match: '/private/**', render: false }] });
    const later = Array.from({ length: 40 }, (_, n) => get(`/reload/${n % 4}`, n % 2 === 0 ? reader : person));
    const answers = await Promise.all([...asking, ...later]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await get('/private/a')).headers.get('x-preface')).toBe('pass; because=excluded');
  });
});
