import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createEgress } from '../../src/egress/egress.ts';
import type { EgressSettings, SiteEgress } from '../../src/egress/settings.ts';
import { createPolicies } from '../../src/egress/site-policy.ts';
import type { Site } from '../../src/page/site.ts';
import {
  type AskOptions,
  ask,
  egressSettings,
  generous,
  listen,
  openTunnelTo,
  siteAt,
  startOrigin,
} from './support.ts';

const lists = (changes: Partial<SiteEgress> = {}): SiteEgress => ({
  allowHosts: [],
  denyHosts: [],
  privateNetworks: [],
  block: [],
  hostHeader: 'public',
  ...changes,
});
const open = 'https://open.example';
const shut = 'https://shut.example';
const nowhere = new URL('http://127.0.0.1:1');
const [openSite, shutSite] = [siteAt(nowhere, open), siteAt(nowhere, shut)];
const script: AskOptions = { headers: { 'sec-fetch-dest': 'script' } };
const never = new AbortController().signal;

/** One egress for several sites. A tab's traffic begins anew for each site that is asked for. */
async function openSites(sites: Record<string, SiteEgress>, changes: Partial<EgressSettings> = {}) {
  const egress = await createEgress(egressSettings({ sites: new Map(Object.entries(sites)), ...changes }));
  onTestFinished(() => egress.close());
  const tab = await egress.openTab();
  const begin = (site: Site) => tab.begin({ site, ...generous });
  async function answerFor(site: Site, url: string, options?: AskOptions): Promise<string | number> {
    const traffic = begin(site);
    const answer = await ask(tab, url, options).catch(() => undefined);
    const [input] = traffic.end();
    return answer === undefined ? (input?.because ?? input?.verdict ?? 'nothing') : answer.body;
  }
  return { egress, tab, begin, answerFor };
}

const asset = () =>
  startOrigin((_request, response) =>
    response
      .writeHead(200, { 'cache-control': 'max-age=3600', etag: '"v1"', 'content-type': 'text/javascript' })
      .end('run()'),
  );

describe('the policy of a site', () => {
  const policies = (sites: Record<string, SiteEgress>) =>
    createPolicies({ ...egressSettings(), sites: new Map(Object.entries(sites)) }, []);

  it('is one object for all sites that say the same, in whatever order', () => {
    const policyOf = policies({
      [open]: lists({ allowHosts: ['a.example', 'b.example'] }),
      'https://also.example': lists({ allowHosts: ['b.example', 'a.example'] }),
      'https://usual.example': lists(),
    });
    expect(policyOf(siteAt(nowhere, 'https://also.example'))).toBe(policyOf(openSite));
    expect(policyOf(siteAt(nowhere, 'https://usual.example'))).toBe(policyOf(shutSite));
    expect(policyOf(shutSite)).not.toBe(policyOf(openSite));
  });

  it('is understood before the first render, or there is none', async () => {
    const wrong = new Map([[open, lists({ privateNetworks: ['10.0.0.0/99'] })]]);
    await expect(createEgress(egressSettings({ sites: wrong }))).rejects.toThrow('10.0.0.0/99');
  });

  it.each<[string, Partial<SiteEgress>, Partial<SiteEgress>, string]>([
    ['allowHosts', { allowHosts: ['api.example'] }, {}, 'loopback'],
    ['privateNetworks', { privateNetworks: ['127.0.0.0/8'] }, {}, 'loopback'],
    ['denyHosts', { allowHosts: ['*'] }, { allowHosts: ['*'], denyHosts: ['api.example'] }, 'denied-host'],
  ])('decides by its own %s', async (_, openLists, shutLists, because) => {
    const service = await startOrigin((_request, response) => response.end('data'));
    const { answerFor } = await openSites({ [open]: lists(openLists), [shut]: lists(shutLists) });
    const url = `http://api.example:${service.port}/`;
    const answers = [];
    for (const site of [openSite, shutSite, openSite]) answers.push(await answerFor(site, url));
    expect(answers).toEqual(['data', because, 'data']);
    expect(service.seen).toHaveLength(2);
  });

  it('decides what is left out', async () => {
    const service = await startOrigin((_request, response) => response.end('picture'));
    const { answerFor } = await openSites({
      [open]: lists({ allowHosts: ['*'] }),
      [shut]: lists({ allowHosts: ['*'], block: ['images'] }),
    });
    const url = `http://cdn.example:${service.port}/a.svg`;
    const image: AskOptions = { headers: { 'sec-fetch-dest': 'image' } };
    expect(await answerFor(openSite, url, image)).toBe('picture');
    expect(await answerFor(shutSite, url, image)).toMatch(/^GIF89a/);
  });

  it('says under which name the application is asked', async () => {
    const origin = await startOrigin((request, response) => response.end(request.headers.host));
    const { answerFor } = await openSites({ [open]: lists({ hostHeader: 'origin' }) });
    expect(await answerFor(siteAt(origin.url, open), `${open}/`)).toBe(origin.url.host);
    expect(await answerFor(siteAt(origin.url, shut), `${shut}/`)).toBe('shut.example');
  });

  it('judges tunnels, one that was opened for another site too', async () => {
    const { tab, begin } = await openSites({ [open]: lists({ privateNetworks: ['127.0.0.1'] }) });
    begin(openSite);
    (await openTunnelTo(tab, '127.0.0.1:443')).destroy();
    const tunnel = await openTunnelTo(tab, '127.0.0.1:80');
    begin(shutSite);
    await expect(openTunnelTo(tab, '127.0.0.1:443')).rejects.toThrow('loopback');
    tunnel.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    expect(String(await once(tunnel, 'data'))).toContain('X-Preface-Egress: loopback');
    tunnel.destroy();
  });

  it('judges WebSockets', async () => {
    const sockets = new WebSocketServer({ noServer: true });
    const server = createServer().on('upgrade', (request, socket, head) =>
      sockets.handleUpgrade(request, socket, head, (one) => one.send('welcome')),
    );
    const port = await listen(server);
    const { tab, begin } = await openSites({ [open]: lists({ allowHosts: ['live.example'] }) });
    const first = async (site: Site) => {
      begin(openSite);
      const tunnel = await openTunnelTo(tab, `live.example:${port}`);
      begin(site);
      const socket = new WebSocket(`ws://live.example:${port}/`, { createConnection: () => tunnel as never });
      const [said] = await Promise.race([once(socket, 'message'), once(socket, 'error')]).catch((cause) => [cause]);
      socket.on('error', () => {}).terminate();
      return String(said);
    };
    expect(await first(openSite)).toBe('welcome');
    expect(await first(shutSite)).toContain('403');
  });
});

describe('what is kept for the pages of one site', () => {
  it('is not read by those of another that would be refused it', async () => {
    const service = await asset();
    const { answerFor } = await openSites({ [open]: lists({ allowHosts: ['cdn.example'] }) });
    const url = `http://cdn.example:${service.port}/lib.js`;
    expect(await answerFor(openSite, url, script)).toBe('run()');
    expect(await answerFor(openSite, url, script)).toBe('run()');
    expect(await answerFor(shutSite, url, script)).toBe('loopback');
    expect(service.seen).toHaveLength(1);
  });

  it('is read by those of another under the same policy', async () => {
    const service = await asset();
    const { answerFor } = await openSites({}, { allowHosts: ['cdn.example'] });
    for (const site of [openSite, shutSite])
      expect(await answerFor(site, `http://cdn.example:${service.port}/lib.js`, script)).toBe('run()');
    expect(service.seen).toHaveLength(1);
  });

  it("is the site's own where its own application said it, whatever the policies", async () => {
    const origin = await asset();
    const { answerFor } = await openSites({});
    expect(await answerFor(siteAt(origin.url, open), `${open}/app.js`, script)).toBe('run()');
    // The name leads to this machine, which only its own site may reach.
    expect(await answerFor(shutSite, `${open}/app.js`, script)).toBe('loopback');
    expect(origin.seen).toHaveLength(1);
  });

  it('says nothing about the inputs of another that would be refused it', async () => {
    const service = await asset();
    const { egress, begin, tab } = await openSites({ [open]: lists({ allowHosts: ['cdn.example'] }) });
    const traffic = begin(openSite);
    await ask(tab, `http://cdn.example:${service.port}/lib.js`, script);
    const [input] = traffic.end();
    const states = [openSite, shutSite].map((site) => input && egress.recheck(input, site, never));
    expect(await Promise.all(states)).toEqual(['unchanged', 'unknown']);
    expect(service.seen).toHaveLength(1);
  });
});

describe("Chromium's caches in a tab", () => {
  const [app1, app2] = [siteAt(nowhere, 'https://app1.example'), siteAt(nowhere, 'https://app2.example')];

  it('may serve the next page of the same site', async () => {
    const { tab, begin } = await openSites({});
    expect(tab.mayKeepCaches(openSite)).toBe(true);
    begin(openSite).end();
    expect(tab.mayKeepCaches(siteAt(nowhere, open))).toBe(true);
  });

  it('may not serve a page of another site, which would read what was said to the first alone, whatever their policies', async () => {
    const { tab, begin } = await openSites({ [open]: lists({ block: ['images'] }) });
    begin(app1).end();
    expect([app1, app2, openSite].map(tab.mayKeepCaches)).toEqual([true, false, false]);
  });

  it('may serve the site for which they were emptied, and no longer the one before', async () => {
    const { tab, begin } = await openSites({});
    begin(openSite).end();
    begin(shutSite).end();
    expect([openSite, shutSite].map(tab.mayKeepCaches)).toEqual([false, true]);
  });
});
