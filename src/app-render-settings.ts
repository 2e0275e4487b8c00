import blockData from '../config/blocked-requests.json' with { type: 'json' };
import { createPathRules } from './classify/path-rules.ts';
import type { Config } from './config/schema.ts';
import { laidOver, type SiteConfig, siteConfigs } from './config/sites.ts';
import type { BlockCategory } from './egress/block-list.ts';
import { systemResolve } from './egress/resolver.ts';
import type { EgressSettings, SiteEgress } from './egress/settings.ts';
import { createPooledClient } from './origin/pooled-client.ts';
import type { DeviceSettings } from './render/device.ts';
import type { RenderEngineSettings } from './render/render-engine.ts';
import type { RenderGateSettings } from './render/render-gate.ts';
import { slotsOfThisMachine } from './render/render-slots.ts';
import type { SettleSettings } from './render/settling.ts';

// How the configuration becomes the settings of the renderer and of its way out.

/** Who leaves out analytics means what loads them, and what films visitors, too. */
const analytics: readonly BlockCategory[] = ['analytics', 'tag-managers', 'session-recorders'];

export function egressSettings(
  config: Config,
  parts: Pick<EgressSettings, 'ownPorts' | 'clock' | 'report'>,
): EgressSettings {
  return {
    ...siteEgress(config),
    sites: new Map(siteConfigs(config).map((site) => [site.site.publicUrl.origin, siteEgress(site)])),
    blockData,
    assetCacheBytes: config.egress.assetCache,
    timeouts: { connectMs: 5_000, headersMs: 30_000, idleMs: 30_000 },
    trustedCa: [],
    openOrigin: (originUrl, timeouts, clock) => createPooledClient({ originUrl, ...timeouts }, clock),
    resolve: systemResolve,
    ...parts,
  };
}

function siteEgress({ egress, hostHeader, render }: Pick<SiteConfig, 'egress' | 'hostHeader' | 'render'>): SiteEgress {
  return {
    allowHosts: egress.allowHosts,
    denyHosts: egress.denyHosts,
    privateNetworks: egress.privateNetworks,
    block: egress.block.flatMap((name) => (name === 'analytics' ? analytics : [name])),
    hostHeader,
    headers: render.headers,
  };
}

/**
 * A tenth of what people's requests get where processors are short, and all that is left over where they are not. Measured with a flood on two cores:
 * people's p99 32 ms at 0, 22 ms at 5, 12 ms at 10, 8 ms at 19, which would leave renders nothing while others keep all processors busy.
 */
const niceness = 10;

export function gateSettings({ render }: Config): RenderGateSettings {
  return { limit: tabsOf(render), maxWaiting: render.queue, maxWaitMs: render.timeout };
}

export function renderEngineSettings(config: Config, version: string): RenderEngineSettings {
  const { render, settle } = config;
  return {
    tabs: tabsOf(render),
    isolation: render.isolation,
    sandbox: render.sandbox,
    niceness,
    chromiumPath: render.browserPath,
    device: deviceSettings(config, version),
    settle: settleSettings(settle),
    ...pageLimits(config),
    settingsFor: pageSettings(config, version),
  };
}

function tabsOf({ tabs }: Config['render']): number {
  return tabs === 'auto' ? slotsOfThisMachine() : tabs;
}

function settleSettings({ horizon, longRequest, quiet }: Config['settle']): SettleSettings {
  return { horizonMs: horizon, longRequestMs: longRequest, quietMs: quiet === 'auto' ? 0 : quiet };
}

function deviceSettings({ render }: Pick<SiteConfig, 'render'>, version: string): DeviceSettings {
  return { viewports: render.viewport, userAgent: render.userAgent, version };
}

/** What a page's site and path say of its rendering. */
function pageSettings(config: Config, version: string): NonNullable<RenderEngineSettings['settingsFor']> {
  const sites = new Map(
    siteConfigs(config).map((site) => [
      site.site.publicUrl.origin,
      { site, ruleFor: createPathRules(site.paths), device: deviceSettings(site, version) },
    ]),
  );
  return ({ site: { publicUrl }, url }) => {
    const known = sites.get(publicUrl.origin);
    if (known === undefined) return {};
    return {
      device: known.device,
      settle: settleSettings(laidOver(known.site.settle, known.ruleFor(new URL(url).pathname)?.settle)),
      ...pageLimits(known.site),
    };
  };
}

function pageLimits({ render, egress }: Pick<SiteConfig, 'render' | 'egress'>) {
  return {
    timeoutMs: render.timeout,
    maxBytes: egress.maxBytes,
    maxRequests: egress.maxRequests,
    maxHtmlBytes: render.maxHtml,
    minText: render.minText,
    shadowDom: render.shadowDom,
  };
}
