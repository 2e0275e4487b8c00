import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.ts';
import { commands } from '../../src/cli/commands.ts';
import { createFakeTerminal } from '../cli/fake-terminal.ts';
import { startPreface, type TestPreface } from '../fixtures/preface.ts';
import { spaHandler, startOrigin, type TestOrigin } from '../fixtures/spa.ts';

const publicUrl = 'https://shop.example';
const page = (path: string) => `<url><loc>${publicUrl}${path}</loc></url>`;
const files: Record<string, string> = {
  '/robots.txt': `User-agent: *\nDisallow: /private\nSitemap: ${publicUrl}/sitemap.xml\n`,
  '/sitemap.xml': `<urlset>${page('/p/1?utm_source=sitemap')}${page('/p/2')}${page('/private/1')}${page('/price.pdf')}<url><loc>https://evil.example/</loc></url></urlset>`,
};

let origin: TestOrigin;
let preface: TestPreface;
let admin: string;

beforeAll(async () => {
  origin = await startOrigin((request, response) => {
    const file = files[request.url ?? ''];
    if (file !== undefined) return void response.end(file);
    spaHandler(request, response);
  });
  preface = await startPreface({
    origin: origin.url,
    publicUrl,
    render: { tabs: 2, device: 'auto' },
    warm: { robots: true, rate: 50, every: '1h', afterPurge: true },
  });
  admin = preface.adminUrl;
});

afterAll(async () => {
  await preface.close();
  await origin.close();
});

const desktop = 'Twitterbot/1.0';
const mobile =
  'Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';

/** How the cache answered a reader. */
async function asked(path: string, agent = desktop): Promise<string> {
  const { headers } = await preface.ask(path, { 'user-agent': agent, host: 'shop.example' });
  return String(headers['cache-status']);
}

/** Runs a command line against the proxy under test. */
async function command(...line: string[]) {
  const terminal = createFakeTerminal();
  const parsed = parseArguments([...line, '--admin-port', new URL(admin).port], commands);
  if (parsed.kind !== 'run') throw new Error('help');
  return { code: await parsed.command.run({ ...parsed, terminal }), out: terminal.out(), err: terminal.err() };
}

async function jobsAreDone(count: number) {
  for (;;) {
    const { jobs } = await (await fetch(`${admin}/api/jobs`)).json();
    if (jobs.length === count && jobs.every(({ state }: { state: string }) => state === 'done')) return jobs;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('warm-up and purge of a running proxy', () => {
  it('prepares the pages of the sitemap after the start, for every device', async () => {
    const [job] = await jobsAreDone(1);
    expect(job).toMatchObject({
      what: `${publicUrl}/robots.txt`,
      found: 7,
      rendered: 4,
      disallowed: 1,
      excluded: 1,
      foreign: 1,
      failed: 0,
      unread: [],
    });
    for (const agent of [desktop, mobile]) expect(await asked('/p/1', agent)).toMatch(/^Preface; hit; ttl=\d+$/);
    expect(origin.requests.filter((line) => line.includes('private') || line.includes('.pdf'))).toEqual([]);
  });

  it('prepares what the command line names, and leaves alone what is fresh', async () => {
    expect(await command('warm', '/p/3', `${publicUrl}/p/2?fbclid=1`)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^4 pages: 2 rendered, 2 fresh already, in \d+ s\n$/),
    });
    expect(await asked('/p/3')).toMatch(/^Preface; hit/);
    await expect(command('warm', 'https://evil.example/')).rejects.toThrow('is on none of the sites');
  });

  it.each([
    ['a path', '/p/1'],
    ['a URL', `${publicUrl}/p/1`],
    ['a link from a newsletter', 'http://SHOP.example/p/1?utm_campaign=x&gclid=2#top'],
  ])('marks a page as stale on every device by %s', async (_, url) => {
    for (const agent of [desktop, mobile]) await asked('/p/1', agent);
    const pages = async () =>
      (await (await fetch(`${admin}/api/pages/entry?url=/p/1`)).json()).pages.map(
        ({ state }: { state: string }) => state,
      );
    while ((await pages()).includes('stale')) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await command('purge', '--url', url)).toEqual({ code: 0, out: '2 pages marked as stale\n', err: '' });
    expect(await pages()).toEqual(['stale', 'stale']);
    for (const agent of [desktop, mobile]) expect(await asked('/p/1', agent)).toContain('fwd=stale');
  });

  it('tells a listener what it does', async () => {
    const events = await preface.events();
    await command('purge', '--prefix', '/p/2', '--hard');
    await asked('/p/2');
    const about = () => [...events.text.matchAll(/^event: (.*)\ndata: .*\/p\/2\b.*$/gm)].map(([, type]) => type);
    while (!about().includes('answer')) await events.more();
    events.stop();
    expect(about()).toEqual(['cache.purged', 'render.done', 'answer']);
  });

  it('prepares everything again after it has been purged', async () => {
    const { jobs } = await (await fetch(`${admin}/api/jobs`)).json();
    expect((await command('purge', '--everything', '--hard')).code).toBe(0);
    await jobsAreDone(jobs.length + 1);
    expect(await asked('/p/2', mobile)).toMatch(/^Preface; hit/);
  });

  it.each(['/api/purge', '/api/warm', '//api/purge', '/api%2fpurge', '/admin/..%2fapi/purge', '/healthz', '/metrics'])(
    'knows nothing of the admin API on the traffic port: %s goes to the application',
    async (path) => {
      const before = origin.requests.length;
      const headers = { host: 'shop.example', 'content-length': '0' };
      const { hostname, port } = new URL(preface.trafficUrl);
      const request = get({ hostname, port, path, method: 'POST', headers, agent: false });
      const [answer] = (await once(request, 'response')) as [IncomingMessage];
      answer.resume();
      await once(answer, 'end');
      expect(origin.requests.slice(before)).toEqual([`POST ${path}`]);
    },
  );
});
