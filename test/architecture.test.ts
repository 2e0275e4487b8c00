import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../src');

const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll(path.sep, '/'))
  .filter((file) => file.endsWith('.ts'));

interface Import {
  readonly from: string;
  /** A file below src, or a package's name. */
  readonly to: string;
  readonly typeOnly: boolean;
}

const importLine = /^(?:import|export)\s+(type\s)?[^'"]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm;

function importsOf(file: string): Import[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  return [...text.matchAll(importLine)].map(([, type, from, bare, dynamic]) => {
    const specifier = from ?? bare ?? dynamic ?? '';
    const to = specifier.startsWith('.') ? path.posix.join(path.posix.dirname(file), specifier) : specifier;
    return { from: file, to, typeOnly: type !== undefined };
  });
}

const imports = files.flatMap(importsOf);
const roomOf = (file: string) => (file.includes('/') ? (file.split('/', 1)[0] ?? '') : file.replace('.ts', ''));
const say = ({ from, to }: Import) => `${from} -> ${to}`;

/** What every room may use. */
const ground = new Set([
  'page',
  'clock',
  'errors',
  'events',
  'messages',
  'json-body',
  'latest',
  'same-secret',
  'website-signs',
  'compile-cache',
]);

/** Files that are seams: other rooms may take their types. */
const seams = new Set([
  'cache/cache-store.ts',
  'cache/render-lock.ts',
  'cache/leases.ts',
  'cache/entry-list.ts',
  'cache/stored-entry.ts',
  'render/renderer.ts',
  'classify/verdict.ts',
  'http/answers.ts',
  'origin/client.ts',
  'origin/origin.ts',
  'egress/exit.ts',
  'cache/render-lock.ts',
  'serve/page-source.ts',
  'verify/verifier.ts',
]);

/** Rooms that join others: the composition root and the process edge. */
const joiners = new Set([
  'app',
  'app-edge',
  'app-service',
  'app-settings',
  'app-render-settings',
  'one-off-renderer',
  'rendering',
  'app-status',
  'main',
  'cli',
]);

describe('the architecture', () => {
  it('has files to look at', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(imports.length).toBeGreaterThan(files.length);
  });

  it('lets page, clock, errors, events, messages and what both APIs share import nothing above them', () => {
    const wrong = imports.filter(
      ({ from, to }) => ground.has(roomOf(from)) && to.endsWith('.ts') && !ground.has(roomOf(to)),
    );
    expect(wrong.map(say)).toEqual([]);
  });

  it('keeps the rooms out of each other, but for their seams', () => {
    const wrong = imports.filter(({ from, to }) => {
      if (!to.endsWith('.ts') || to.startsWith('..')) return false;
      const [a, b] = [roomOf(from), roomOf(to)];
      return a !== b && !joiners.has(a) && !ground.has(a) && !ground.has(b) && !seams.has(to);
    });
    expect(wrong.map(say)).toEqual([]);
  });

  it.each([
    ['puppeteer', 'render/'],
    ['http-proxy', 'origin/tunnel'],
    ['lru-cache', 'cache/memory-store'],
    ['ioredis', 'cache/redis-'],
    ['isbot', 'classify/'],
    ['prom-client', 'observe/'],
    ['pino', 'observe/'],
  ])('imports %s only in %s', (name, place) => {
    const wrong = imports.filter(
      ({ from, to }) => (to === name || to.startsWith(`${name}/`)) && !from.startsWith(place),
    );
    expect(wrong.map(say)).toEqual([]);
  });

  it('has no cycles', () => {
    const graph = new Map<string, string[]>();
    for (const { from, to, typeOnly } of imports)
      if (!typeOnly && to.endsWith('.ts')) graph.set(from, [...(graph.get(from) ?? []), to]);
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (file: string, way: readonly string[]): void => {
      if (way.includes(file)) return void cycles.push([...way.slice(way.indexOf(file)), file].join(' -> '));
      if (done.has(file)) return;
      for (const next of graph.get(file) ?? []) visit(next, [...way, file]);
      done.add(file);
    };
    for (const file of graph.keys()) visit(file, []);
    expect(cycles).toEqual([]);
  });
});
