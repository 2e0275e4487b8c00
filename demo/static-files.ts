import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

/** One body with its validator, ready to be sent. */
export interface Resource {
  readonly body: Buffer;
  readonly contentType: string;
  readonly cacheControl: string;
  /** Strong, with quotes (RFC 9110 §8.8.3). */
  readonly etag: string;
}

export function resource(body: Buffer | string, contentType: string, cacheControl: string): Resource {
  const bytes = Buffer.from(body);
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
  return { body: bytes, contentType, cacheControl, etag };
}

/**
 * Every file below the directory, by its URL path. They are read once: a request can then only name what is in the map,
 * so no path leads out of the directory.
 */
export async function readStaticFiles(directory: string): Promise<ReadonlyMap<string, Resource>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const read = files.map(async (entry): Promise<[string, Resource]> => {
    const file = join(entry.parentPath, entry.name);
    const path = file.slice(directory.length).replaceAll('\\', '/');
    const contentType = contentTypes[extname(file)] ?? 'application/octet-stream';
    return [path, resource(await readFile(file), contentType, cacheControlFor(path))];
  });
  return new Map(await Promise.all(read));
}

function cacheControlFor(path: string): string {
  // Vite puts the hash of the content into every name below /assets, so such a name never means anything else.
  if (path.startsWith('/assets/')) return 'public, max-age=31536000, immutable';
  return path.endsWith('.html') ? 'no-cache' : 'public, max-age=3600';
}
