import type { LookupFunction } from 'node:net';
import { rootCertificates } from 'node:tls';
import { type Dispatcher, Pool } from 'undici';
import type { Address } from './addresses.ts';
import type { EgressTimeouts } from './settings.ts';

/** Kept-alive connections to the servers that renders need. */
export interface Upstreams {
  /** To the site's own origin, which the configuration names and no policy judges. */
  toSite(originUrl: URL): Dispatcher;
  /** To another host, at these addresses and no others. */
  toAddresses(url: URL, addresses: readonly Address[]): Dispatcher;
  close(): Promise<void>;
}

const maxPools = 200;

/** Asks for a host are answered with what was checked: between the check and the connection no name is resolved again. */
export function pinnedLookup(addresses: readonly Address[]): LookupFunction {
  return (_hostname, options, answer) => {
    if (options.all) return answer(null, [...addresses]);
    const first = addresses[0];
    if (first === undefined) return answer(new Error('no checked address'), '');
    answer(null, first.address, first.family);
  };
}

/** Certificate authorities for upstream TLS, since Chromium no longer sees the real certificates: the usual ones and these. */
export function trustedAuthorities(extra: readonly string[]): string[] | undefined {
  return extra.length === 0 ? undefined : [...rootCertificates, ...extra];
}

export function createUpstreams(timeouts: EgressTimeouts, extraCa: readonly string[]): Upstreams {
  const pools = new Map<string, Pool>();
  const ca = trustedAuthorities(extraCa);

  function pool(key: string, origin: string, lookup?: LookupFunction): Pool {
    const found = pools.get(key);
    if (found !== undefined) return found;
    const made = new Pool(origin, {
      allowH2: false,
      pipelining: 1,
      connections: 256,
      headersTimeout: timeouts.headersMs,
      bodyTimeout: timeouts.idleMs,
      connect: {
        timeout: timeouts.connectMs,
        ...(ca === undefined ? {} : { ca }),
        ...(lookup === undefined ? {} : { lookup }),
      },
    });
    if (pools.size >= maxPools) dropIdle(pools);
    pools.set(key, made);
    return made;
  }

  return {
    toSite: ({ origin }) => pool(origin, origin),
    toAddresses: ({ origin }, addresses) =>
      pool(`${origin} ${addresses.map(({ address }) => address).join()}`, origin, pinnedLookup(addresses)),
    async close() {
      await Promise.all([...pools.values()].map((open) => open.destroy()));
      pools.clear();
    },
  };
}

/** Makes room by the pool that has been there longest and has nothing to do. */
function dropIdle(pools: Map<string, Pool>): void {
  for (const [key, { stats }] of pools) {
    if (stats.running + stats.pending + stats.queued > 0) continue;
    void pools.get(key)?.close();
    pools.delete(key);
    return;
  }
}
