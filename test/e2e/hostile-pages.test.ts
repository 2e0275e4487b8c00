import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Canary, startCanary } from '../browser/canary.ts';
import { startPreface, type TestPreface } from '../fixtures/preface.ts';
import { treeOf } from '../fixtures/process-tree.ts';
import { startOrigin, type TestOrigin } from '../fixtures/spa.ts';

// Pages of an application that has been taken over, through the whole product. That Chromium has no other way out than the egress
// is test/faults/canary.test.ts's to show.

const reader = { 'user-agent': 'Twitterbot/1.0' };
const secret = 'a-secret-of-the-environment';

let origin: TestOrigin;
let canary: Canary;
let preface: TestPreface;
let traffic: string;
let admin: string;
const pages = new Map<string, string>();
const redirects = new Map<string, string>();

beforeAll(async () => {
  process.env.REDIS_URL_OF_SOMEBODY = secret;
  canary = await startCanary();
  origin = await startOrigin((request, response) => {
    const path = request.url ?? '/';
    const location = redirects.get(path);
    if (location !== undefined) response.writeHead(302, { location }).end();
    else
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end(`<!doctype html><title>page</title><body><p>text of the page</p>${pages.get(path) ?? ''}`);
  });
  preface = await startPreface({
    origin: origin.url,
    publicUrl: 'https://www.shop.example',
    render: { tabs: 2, timeout: '5s' },
    // Somebody has opened all of this machine. Preface's own ports stay closed.
    egress: { privateNetworks: ['127.0.0.1/32'] },
  });
  traffic = preface.trafficUrl;
  admin = preface.adminUrl;
});

afterAll(async () => {
  delete process.env.REDIS_URL_OF_SOMEBODY;
  await preface.close();
  await origin.close();
  await canary.close();
});

let asked = 0;
/** Renders a page with this in its body. */
async function rendered(body: string): Promise<{ status: number; html: string }> {
  const path = `/page-${asked++}`;
  pages.set(path, body);
  const answer = await fetch(traffic + path, { headers: reader, redirect: 'manual' });
  return { status: answer.status, html: await answer.text() };
}

describe('a document that redirects', () => {
  it.each([
    'http://169.254.169.254/latest/meta-data/',
    'http://127.0.0.2:9/',
    'http://[::1]:9/',
    'https://www.other.example/',
    '/elsewhere',
  ])('to %s is answered with that redirect, and nobody goes there', async (location) => {
    const path = `/redirect-${asked++}`;
    redirects.set(path, location.replace(':9/', `:${canary.port}/`));
    const before = origin.requests.length;
    const answer = await fetch(traffic + path, { headers: reader, redirect: 'manual' });
    expect(answer.status).toBe(302);
    const public_ = new URL(redirects.get(path) ?? '', 'https://www.shop.example').href;
    expect(answer.headers.get('location')).toBe(public_);
    expect(origin.requests.slice(before)).toEqual([`GET ${path}`]);
    expect(canary.hits).toEqual([]);
  });

  it.each(['file:///etc/passwd', 'javascript:alert(1)', 'data:text/html,<p>x', 'chrome://version'])(
    'to %s leads nowhere',
    async (location) => {
      const path = `/redirect-${asked++}`;
      redirects.set(path, location);
      const answer = await fetch(traffic + path, { headers: reader, redirect: 'manual' });
      // What a person gets, too: the origin's own answer.
      expect(await answer.text()).not.toContain('root:');
      expect(answer.headers.get('x-preface')).not.toMatch(/^page/);
    },
  );
});

describe('a page that goes for files and for Chromium itself', () => {
  const schemes = ['file:///etc/passwd', 'view-source:file:///etc/passwd', 'chrome://version', 'devtools://devtools/x'];

  it.each(schemes)('by going to %s itself shows nothing of it', async (url) => {
    const { html } = await rendered(`<script>location.href = ${JSON.stringify(url)}</script>`);
    expect(html).not.toMatch(/root:|Command Line|--proxy-server/);
  });

  it.each([...schemes, 'filesystem:https://www.shop.example/temporary/x', 'blob:file:///x', 'data:text/html,<p>x'])(
    'by framing %s still completes, without it',
    async (url) => {
      const { status, html } = await rendered(`<iframe src="${url}"></iframe><script>
        fetch(${JSON.stringify(url)}).then((a) => a.text(), () => 'refused').then((text) => document.body.append(text))</script>`);
      expect(status).toBe(200);
      expect(html).toContain('text of the page');
      expect(html).not.toMatch(/root:|Command Line|--proxy-server/);
    },
  );
});

describe('a page that goes for Preface', () => {
  it('reaches neither of its ports, not even where this machine is open to pages', async () => {
    const urls = [`${admin}/api/status`, `${admin}/healthz`, `${traffic}/inside`, 'http://127.0.0.1:9222/json/version'];
    const before = origin.requests.length;
    const { html } = await rendered(`<script type="module">
      for (const url of ${JSON.stringify(urls)}) {
        const told = await fetch(url, { mode: 'no-cors' }).then(() => 'reached', () => 'refused');
        document.body.append(Object.assign(document.createElement('p'), { textContent: told }));
      }</script>`);
    expect(html.match(/<p>refused<\/p>/g)).toHaveLength(urls.length);
    expect(origin.requests.slice(before)).toEqual([`GET /page-${asked - 1}`]);
  });

  it('could reach others on this machine, which the settings have opened', async () => {
    const { html } = await rendered(`<script type="module">
      const url = ${JSON.stringify(`${origin.url}/api`)};
      document.body.append(await fetch(url, { mode: 'no-cors' }).then(() => 'it was reached', () => 'it was refused'))</script>`);
    expect(html).toContain('it was reached');
  });
});

describe.runIf(process.platform === 'linux')('Chromium, as the system sees it', () => {
  const chromium = () => treeOf(process.pid).filter(({ pid }) => pid !== process.pid && isChromium(pid));

  it('listens on no port', () => {
    const listening = new Set(['tcp', 'tcp6'].flatMap((table) => listeningSockets(`/proc/self/net/${table}`)));
    const processes = chromium();
    expect(processes.length).toBeGreaterThan(1);
    expect(listening.size).toBeGreaterThan(0);
    const held = processes.flatMap(({ pid }) => socketsOf(pid));
    expect(held.filter((inode) => listening.has(inode))).toEqual([]);
  });

  it('knows nothing of our environment that it does not need', () => {
    for (const { pid } of chromium()) {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
      expect(environment).not.toContain(secret);
    }
  });
});

describe('a path that is the admin listener’s', () => {
  it.each([
    '/api/status',
    '/metrics',
    '/admin/../api/status',
    '//api/status',
    '/%61pi/status',
    '/api%2fstatus',
    '/readyz',
    '/healthz?x',
  ])('is the application’s at the traffic port: %s', async (path) => {
    const before = origin.requests.length;
    const answer = await fetch(traffic + path);
    expect(await answer.text()).toContain('text of the page');
    expect(origin.requests.length).toBe(before + 1);
  });
});

function isChromium(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/exe`).includes('chrom');
  } catch {
    return false;
  }
}

function socketsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch {
      return [];
    }
  });
}

/** Inodes of listening sockets (proc_net(5): state 0A). */
function listeningSockets(table: string): string[] {
  const [, ...lines] = readFileSync(table, 'utf8').trim().split('\n');
  return lines
    .map((line) => line.trim().split(/\s+/))
    .flatMap((fields) => (fields[3] === '0A' ? (fields[9] ?? []) : []));
}
