import { isIP } from 'node:net';
import { request } from 'undici';
import { messageOf } from '../errors.ts';
import type { Site } from '../page/site.ts';
import { targetOn } from '../page/site-url.ts';

export interface SiteFilesSettings {
  readonly site: Site;
  /** Which host the origin is asked for: the one people type, or the origin's own. */
  readonly hostHeader: 'public' | 'origin';
  readonly userAgent: string;
  /** For the head of an answer, and between two pieces of its body. */
  readonly waitMs: number;
  /** For all of a file. */
  readonly limitMs: number;
}

export type SiteFile =
  | { readonly kind: 'found'; readonly body: AsyncIterable<Uint8Array> }
  /** The origin says that there is none, in a status from 400 to 499. */
  | { readonly kind: 'none'; readonly status: number; readonly because: string }
  | { readonly kind: 'failed'; readonly because: string };

/** A file of a site by its public URL: robots.txt, sitemaps. Asked from the origin, never from another host. Never rejects. */
export type FetchSiteFile = (url: string, signal: AbortSignal) => Promise<SiteFile>;

const maxRedirects = 5;

export function createSiteFiles({ site, hostHeader, userAgent, waitMs, limitMs }: SiteFilesSettings): FetchSiteFile {
  const { publicUrl, originUrl } = site;
  // An origin may build its redirects from the host that it was asked for, or from its own.
  const knownSite = { ...site, hosts: [...site.hosts, originUrl.host] };
  const headers = {
    host: hostHeader === 'origin' ? originUrl.host : publicUrl.host,
    'user-agent': userAgent,
    'accept-encoding': 'identity',
    'x-forwarded-proto': publicUrl.protocol.slice(0, -1),
    'x-forwarded-host': publicUrl.host,
    // Should the way to the origin lead back to us, this ends it (RFC 8586).
    'cdn-loop': 'preface',
  };
  const servername = isIP(originUrl.hostname.replace(/^\[|\]$/g, '')) === 0 ? originUrl.hostname : publicUrl.hostname;

  function ask(target: string, signal: AbortSignal): ReturnType<typeof request> {
    const [path = '/'] = target.split('#', 1);
    // undici takes the name for TLS from `Host` unless it is given here; its types do not know that.
    const options = { path, headers, servername, signal, headersTimeout: waitMs, bodyTimeout: waitMs };
    return request(originUrl.origin, options as Parameters<typeof request>[1]);
  }

  return async (url, signal) => {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
    let asked = url;
    try {
      for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
        const target = targetOn(knownSite, asked);
        if (target === undefined) return failed(`leads to another host: ${asked}`);
        const { statusCode: status, headers, body } = await ask(target, limited);
        if (status === 200) return { kind: 'found', body };
        body.on('error', () => {}).destroy();
        const next = isRedirect(status) ? URL.parse(String(headers.location ?? ''), asked)?.href : undefined;
        const because = `answered ${status}`;
        if (next === undefined) return isNone(status) ? { kind: 'none', status, because } : failed(because);
        asked = next;
      }
      return failed('redirects without end');
    } catch (cause) {
      return failed(signal.aborted ? 'was stopped' : messageOf(cause));
    }
  };
}

const failed = (because: string): SiteFile => ({ kind: 'failed', because });
const isRedirect = (status: number) => [301, 302, 303, 307, 308].includes(status);
const isNone = (status: number) => status >= 400 && status < 500;
