import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import react from '@vitejs/plugin-react';
import { build } from 'vite';
import { readStaticFiles } from '../../demo/static-files.ts';
import { listen, type Site } from './site.ts';

const apiDelayMs = 30;

/** A React page whose text comes from two API calls, the second of which needs the first one's answer. */
export async function startSmallPage(cache: string): Promise<Site> {
  const outDir = join(cache, 'small-page');
  process.env.NODE_ENV = 'production';
  await build({
    root: join(import.meta.dirname, 'page'),
    configFile: false,
    logLevel: 'error',
    plugins: [react()],
    build: { outDir, emptyOutDir: true },
  });
  const files = await readStaticFiles(outDir);
  const shell = files.get('/index.html');
  if (shell === undefined) throw new Error('the small page was not built');

  return listen(
    createServer((request, response) => {
      const path = new URL(request.url ?? '/', 'http://small').pathname;
      const [, api, id] = /^\/api\/(items|makers)\/([\w-]+)$/.exec(path) ?? [];
      if (api !== undefined) return void answerLater(response, api, id ?? '');
      const { body, contentType, cacheControl } = files.get(path) ?? shell;
      response.writeHead(200, { 'content-type': contentType, 'cache-control': cacheControl }).end(body);
    }),
  );
}

async function answerLater(response: ServerResponse, api: string, id: string): Promise<void> {
  await sleep(apiDelayMs);
  const data = api === 'items' ? { name: `Item ${id}`, makerId: `m-${id}` } : { maker: `the maker of ${id}` };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(data));
}
