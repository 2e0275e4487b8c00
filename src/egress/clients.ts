import type { Clock } from '../clock.ts';
import type { HttpClient, OriginClient } from '../origin/client.ts';
import type { Address } from './addresses.ts';
import { dispatched } from './dispatched.ts';
import type { EgressSettings, EgressTimeouts } from './settings.ts';
import type { Upstreams } from './upstreams.ts';

/** Opens no connection yet. `originUrl` is one of `http:`. */
export type OpenOrigin = (originUrl: URL, timeouts: EgressTimeouts, clock: Clock) => OriginClient;

/** Whom a render's requests are sent through. */
export interface Clients {
  /** To the site's own origin, which the configuration names and no policy judges. */
  toSite(originUrl: URL): HttpClient;
  /** To another host, at these addresses and no others. */
  toAddresses(url: URL, addresses: readonly Address[]): HttpClient;
  close(): void;
}

const maxOrigins = 200;

/** A site's own origin gets most requests, so it is asked by the client that costs least; undici has the rest, and TLS. */
export function createClients(
  upstreams: Upstreams,
  { openOrigin, timeouts, clock }: Pick<EgressSettings, 'openOrigin' | 'timeouts' | 'clock'>,
): Clients {
  const origins = new Map<string, OriginClient>();

  function toOrigin(originUrl: URL): OriginClient {
    const { host } = originUrl;
    const found = origins.get(host);
    if (found !== undefined) return found;
    if (origins.size >= maxOrigins) forgetUnused(origins);
    const made = openOrigin(originUrl, timeouts, clock);
    origins.set(host, made);
    return made;
  }

  return {
    toSite: (originUrl) =>
      originUrl.protocol === 'http:' ? toOrigin(originUrl) : dispatched(upstreams.toSite(originUrl)),
    toAddresses: (url, addresses) => dispatched(upstreams.toAddresses(url, addresses)),
    close() {
      for (const client of origins.values()) client.close();
      origins.clear();
    },
  };
}

function forgetUnused(origins: Map<string, OriginClient>): void {
  for (const [host, client] of origins) if (client.isUnused) origins.delete(host);
}
