import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import type { ConfigInput } from '../../src/config/schema.ts';
import { startSite, type TestSite } from '../browser/egress-browser.ts';
import { startPreface, type TestPreface } from '../fixtures/preface.ts';
import { startOrigin, type TestOrigin } from '../fixtures/spa.ts';

// Two applications of one domain behind one Preface with one tab: whatever Chromium keeps for the one lies ready for the other.

const reader = { 'user-agent': 'Twitterbot/1.0' };

let application: TestOrigin;
let service: TestSite;
let sockets: WebSocketServer;
let preface: TestPreface;
let settings: ConfigInput;

/** Tries the service in each way and writes down what came of it. */
const page = (serviceUrl: string) => `<!doctype html><title>page</title><pre></pre><script type=module>
const script = new Promise((done) => {
  const element = Object.assign(document.createElement('script'), { src: '${serviceUrl}/lib.js' });
  element.onload = () => done('loaded');
  element.onerror = () => done('failed');
  document.head.append(element);
});
const data = fetch('${serviceUrl}/data').then((answer) => answer.text(), () => 'failed');
const socket = new Promise((done) => {
  const open = new WebSocket('${serviceUrl.replace('http', 'ws')}/socket');
  open.onmessage = ({ data }) => done(data);
  open.onerror = () => done('failed');
});
const picture = new Promise((done) => {
  const image = Object.assign(new Image(), { src: '${serviceUrl}/picture.svg' });
  image.onload = () => done(image.naturalWidth);
  image.onerror = () => done('failed');
});
document.querySelector('pre').textContent = (await Promise.all([script, data, socket, picture])).join();
</script>`;

beforeAll(async () => {
  service = await startSite((request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('cache-control', request.url === '/data' ? 'no-store' : 'max-age=3600');
    if (request.url === '/lib.js') response.writeHead(200, { 'content-type': 'text/javascript' }).end('void 0');
    else if (request.url === '/data') response.end('data');
    else response.writeHead(200, { 'content-type': 'image/svg+xml' }).end(picture);
  });
  sockets = new WebSocketServer({ server: service.server, path: '/socket' });
  sockets.on('connection', (socket) => socket.send('welcome'));
  application = await startOrigin((_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end(page(service.url.origin)),
  );
  const site = (name: string) => ({ origin: application.url, publicUrl: `http://${name}.shop.example` });
  settings = {
    render: { tabs: 1 },
    sites: [
      { ...site('open'), egress: { allowHosts: [service.url.host], block: [] } },
      site('shut'),
      { ...site('plain'), egress: { privateNetworks: ['127.0.0.0/8'], block: ['images'] } },
    ],
  };
  preface = await startPreface(settings);
});

afterAll(async () => {
  await preface.close();
  await Promise.all([application.close(), service.close()]);
});

const picture = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"></svg>';

async function tried(site: string, path: string): Promise<string | undefined> {
  const { body } = await preface.ask(path, { ...reader, host: `${site}.shop.example` });
  return /<pre>(.*?)<\/pre>/.exec(body.toString())?.[1];
}

describe('pages of sites with lists of their own', () => {
  it('go where their own site may, one after the other in one tab', async () => {
    for (const turn of [1, 2, 3]) {
      expect(await tried('open', `/${turn}`)).toBe('loaded,data,welcome,20');
      expect(await tried('shut', `/${turn}`)).toBe('failed,failed,failed,1');
      expect(await tried('plain', `/${turn}`)).toBe('loaded,data,welcome,1');
    }
  });

  it('go on so when the configuration has been read again', async () => {
    await preface.reload({ ...settings, sites: settings.sites?.toReversed() });
    expect(await tried('open', '/again')).toBe('loaded,data,welcome,20');
    expect(await tried('shut', '/again')).toBe('failed,failed,failed,1');
  });
});

describe('pages of two sites under one policy', () => {
  it.each([
    ['one domain', 'http://app1.twin.example', 'http://app2.twin.example'],
    ['different domains', 'http://app1.example', 'http://app2.test'],
  ])('do not find in the tab what an application said to its own pages alone: %s', async (_, first, second) => {
    const shared = await startOrigin((request, response) => {
      if (request.url === '/lib.js') {
        response
          .writeHead(200, { 'content-type': 'text/javascript', 'cache-control': 'public, max-age=3600' })
          .end(`document.querySelector('pre').textContent = 'own'`);
      } else {
        response
          .writeHead(200, { 'content-type': 'text/html' })
          .end(
            `<!doctype html><title>t</title><pre></pre><script src="${first}/lib.js" onerror="document.querySelector('pre').textContent = 'refused'"></script>`,
          );
      }
    });
    const twins = await startPreface({
      render: { tabs: 1 },
      sites: [first, second].map((publicUrl) => ({ origin: shared.url, publicUrl })),
    });
    try {
      const shown = async (site: string, path: string) => {
        const { body } = await twins.ask(path, { ...reader, host: new URL(site).host });
        return /<pre>(.*?)<\/pre>/.exec(body.toString())?.[1];
      };
      const seen = [];
      for (const [turn, site] of [second, first, second, first].entries()) seen.push(await shown(site, `/${turn}`));
      expect(seen).toEqual(['refused', 'own', 'refused', 'own']);
    } finally {
      await twins.close();
      await shared.close();
    }
  });
});
