import { existsSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, buildApp } from '../../src/app.ts';
import { configFrom } from '../../src/config/load.ts';

// Small pages, each hard in one way, that lie beside this repository with their own judge: time, network, platform, endless work,
// signs from the page, writing it down.

interface Page {
  readonly endless?: boolean;
}

interface ReadinessPages {
  readonly pages: Readonly<Record<string, Page>>;
  servePages(pages: ReadinessPages['pages'], port: number): Promise<Server>;
}

interface ReadinessCheck {
  judge(
    base: string,
    name: string,
    page: Page | undefined,
    options: { readonly endlessMs: number },
  ): Promise<{ readonly wrong: readonly string[] }>;
}

const folder = process.env.READINESS ?? join(import.meta.dirname, '../../../shared/readiness');
const load = <T>(file: string): Promise<T> => import(pathToFileURL(join(folder, file)).href);

const isHere = existsSync(join(folder, 'pages.mjs'));
const { pages, servePages } = isHere
  ? await load<ReadinessPages>('pages.mjs')
  : ({ pages: {}, servePages: () => Promise.reject(new Error('there are no pages')) } satisfies ReadinessPages);
if (!isHere) process.stderr.write('No test on hard pages: they are not beside this repository\n');

/** A page that never ends is given up sooner than by default, so that this file is quick. */
const timeoutMs = 10_000;

let origin: Server | undefined;
let app: App | undefined;
let traffic = '';

beforeAll(async () => {
  if (!isHere) return;
  origin = await servePages(pages, 0);
  app = await buildApp(
    configFrom({
      origin: `http://127.0.0.1:${(origin.address() as AddressInfo).port}`,
      listen: { host: '127.0.0.1', port: 0 },
      admin: { port: 0 },
      log: { level: 'silent' },
      render: { timeout: `${timeoutMs}ms` },
    }),
    { version: '0.0.0-test' },
  );
  traffic = (await app.listen()).trafficUrl;
  await warmUp();
});

afterAll(async () => {
  await app?.close();
  origin?.close().closeAllConnections();
});

/** Chromium's start is not what these pages are about. */
async function warmUp(): Promise<void> {
  const answer = await fetch(`${traffic}/p/microtasks?warm-up`, { headers: { 'user-agent': 'Twitterbot/1.0' } });
  await answer.text();
}

describe.skipIf(!isHere)('hard pages', () => {
  it.each(Object.keys(pages))('%s', async (name) => {
    const { judge } = await load<ReadinessCheck>('check.mjs');
    const { wrong } = await judge(traffic, name, pages[name], { endlessMs: timeoutMs + 4_000 });
    expect(wrong).toEqual([]);
  });
});
