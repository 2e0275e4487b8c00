import { extname } from 'node:path';
import { findProduct, listProducts } from './catalogue.ts';
import { type Resource, resource } from './static-files.ts';

/** What the demo's server answers to one path. */
export interface Answer {
  readonly status: 200 | 404;
  readonly resource: Resource;
  /** Data takes a moment, as it does in life; files do not. */
  readonly delayMs: number;
}

const apiDelayMs = 40;

/** Decides the answer to a GET: a file, data, or (for every other page of the application) the shell. */
export function answerTo(path: string, files: ReadonlyMap<string, Resource>, shell: Resource): Answer {
  if (path === '/api' || path.startsWith('/api/')) return apiAnswer(path);
  const file = files.get(path);
  if (file !== undefined) return { status: 200, resource: file, delayMs: 0 };
  // A missing file must not be answered with the shell: a browser would run HTML as a script.
  if (extname(path) !== '') return { status: 404, resource: text('Not found\n'), delayMs: 0 };
  return { status: 200, resource: shell, delayMs: 0 };
}

function apiAnswer(path: string): Answer {
  if (path === '/api/products') return { status: 200, resource: json(listProducts()), delayMs: apiDelayMs };
  const id = /^\/api\/products\/([a-z0-9-]+)$/.exec(path)?.[1];
  const product = id === undefined ? undefined : findProduct(id);
  if (product !== undefined) return { status: 200, resource: json(product), delayMs: apiDelayMs };
  return { status: 404, resource: json({ error: 'not-found', path }), delayMs: apiDelayMs };
}

function json(value: unknown): Resource {
  return resource(JSON.stringify(value), 'application/json; charset=utf-8', 'no-cache');
}

function text(value: string): Resource {
  return resource(value, 'text/plain; charset=utf-8', 'no-store');
}
