import { request } from 'node:http';
import { type AdminParts, adminRoutes } from '../../src/admin/api.ts';
import { createAdminServer } from '../../src/admin/server.ts';
import type { WarmControl } from '../../src/admin/warm-routes.ts';
import { createMemoryStore } from '../../src/cache/memory-store.ts';
import { entryOf } from '../contract/cache-store.ts';

const closers: (() => Promise<void>)[] = [];

export async function closeAdmins(): Promise<void> {
  for (const close of closers.splice(0)) await close();
}

const noWarming: WarmControl = {
  order: () => ({ kind: 'busy' }),
  jobs: () => [],
  progress: () => undefined,
  pause: () => false,
  resume: () => false,
  stop: () => false,
};

/** An admin listener over four stored pages of shop.example. */
export async function setUp({ token = '', ...rest }: Partial<AdminParts> & { token?: string } = {}) {
  const purges: unknown[] = [];
  const entries = ['/a', '/b', '/blog/1', '/blog/2'].map((path) =>
    entryOf(path, { tags: path === '/a' ? ['red'] : [] }),
  );
  const store = createMemoryStore({ maxBytes: 1e6 });
  for (const entry of entries) store.set(entry);
  const publicUrls = (url: string) => {
    if (url.startsWith('/')) return [`https://shop.example${url}`];
    return url.startsWith('https://shop.example/') ? [url] : [];
  };
  const parts: AdminParts = {
    notReady: () => [],
    metrics: async () => 'preface_build_info 1\n',
    metricsContentType: 'text/plain; version=0.0.4',
    status: () => ({ version: '0.0.0' }),
    list: async (query) => store.list(query),
    entriesOf: async (url) => entries.filter((entry) => entry.url === url),
    purge: async (selector, mode) => purges.push({ selector, mode }),
    publicUrls,
    publicPrefixes: (prefix) => publicUrls(prefix.startsWith('shop.example/') ? `https://${prefix}` : prefix),
    warm: noWarming,
    events: () => ({ stream: (response) => response.end() }),
    now: () => 1500,
    ...rest,
  };
  const server = createAdminServer({ host: '127.0.0.1', port: 0, token }, adminRoutes(parts));
  const { url } = await server.listen();
  closers.push(() => server.close());
  const post = (path: string, body: unknown, headers = {}) =>
    fetch(url + path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), headers });
  return { url, purges, post };
}

/** A request as a hostile client may write it: target and fields go out as they are. Resolves to status and body. */
export function ask(
  url: string,
  method: string,
  target: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    request({ hostname, port, method, path: target, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    })
      .once('error', reject)
      .end();
  });
}
