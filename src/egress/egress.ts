import { networkInterfaces } from 'node:os';
import { createAssetCache } from './asset-cache.ts';
import { AssetShelf } from './asset-shelf.ts';
import { createCertificate } from './certificate.ts';
import { createClients } from './clients.ts';
import type { Egress, TabExit } from './exit.ts';
import { createFileProbes } from './file-probes.ts';
import { createGatekeeper } from './gatekeeper.ts';
import { recheck } from './recheck.ts';
import { createResolver } from './resolver.ts';
import type { EgressSettings } from './settings.ts';
import { createSilentScripts } from './silent-scripts.ts';
import { createPolicies } from './site-policy.ts';
import { openTabExit } from './tab-exit.ts';
import { createUpstreams, trustedAuthorities } from './upstreams.ts';

/** Opens Chromium's only way out. Rejects when a host pattern or a network in the settings cannot be understood. */
export async function createEgress(settings: EgressSettings): Promise<Egress> {
  const { clock, timeouts, trustedCa, assetCacheBytes } = settings;
  const tabs = new Map<number, TabExit>();
  const policyOf = createPolicies(settings, ownAddresses());
  const wayOut = createGatekeeper(settings, policyOf, () => [...tabs.keys()], createResolver(settings.resolve, clock));
  const certificate = await createCertificate(clock.now());
  const upstreams = createUpstreams(timeouts, trustedCa);
  const clients = createClients(upstreams, settings);
  const assets = createAssetCache(assetCacheBytes);
  const probes = createFileProbes(clock);
  const parts = {
    settings,
    policyOf,
    wayOut,
    clients,
    probes,
    silentScript: createSilentScripts(settings.blockData),
    shelf: new AssetShelf(assets, Math.floor(assetCacheBytes / 4), clock),
    tls: certificate.context,
    connectMs: timeouts.connectMs,
    ca: trustedAuthorities(trustedCa),
  };

  return {
    spki: certificate.spki,
    async openTab() {
      const tab = await openTabExit(parts, (port) => tabs.delete(port));
      tabs.set(tab.port, tab);
      return tab;
    },
    recheck: (input, site, signal) => recheck(parts, input, site, signal),
    forgetAssets() {
      assets.clear();
      probes.clear();
    },
    async close() {
      await Promise.all([...tabs.values()].map((tab) => tab.close()));
      clients.close();
      await upstreams.close();
    },
  };
}

function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((list) => list?.map(({ address }) => address) ?? []);
}
