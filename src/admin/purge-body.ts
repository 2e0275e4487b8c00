import { z } from 'zod';
import type { PurgeMode, PurgeSelector } from '../page/purge.ts';

const words = z.array(z.string().min(1).max(4096)).max(1000).default([]);

/** Our own body and Cloudflare's, which its users' scripts send already. */
const purgeBody = z.strictObject({
  urls: words,
  prefixes: words,
  tags: words,
  everything: z.boolean().default(false),
  mode: z.enum(['soft', 'hard']).default('soft'),
  files: z
    .array(z.union([z.string(), z.object({ url: z.string() }).transform(({ url }) => url)]))
    .max(1000)
    .default([]),
  hosts: z
    .array(z.string().regex(/^[^/?#\s]{1,255}$/, 'Expected a host, like www.example.com'))
    .max(1000)
    .default([]),
  purge_everything: z.boolean().default(false),
});

export interface PurgeOrder {
  readonly selector: PurgeSelector;
  readonly mode: PurgeMode;
}

/** The order that a body of `POST /api/purge` gives, or what is wrong with it. */
export function parsePurge(body: unknown): PurgeOrder | { readonly error: string } {
  const parsed = purgeBody.safeParse(body);
  if (!parsed.success) return { error: z.prettifyError(parsed.error) };
  const { urls, files, prefixes, hosts, tags, everything, purge_everything, mode } = parsed.data;
  const selector: PurgeSelector = {
    urls: [...urls, ...files],
    prefixes: [...prefixes, ...hosts.map((host) => `${host}/`)],
    tags,
    everything: everything || purge_everything,
  };
  if (!selector.everything && [selector.urls, selector.prefixes, tags].every((list) => list?.length === 0)) {
    return { error: 'Name at least one of urls, prefixes, tags, or everything: true' };
  }
  return { selector, mode };
}
