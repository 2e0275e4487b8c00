import type { Clock } from '../clock.ts';
import type { Report } from '../events.ts';
import type { BlockCategory, BlockData } from './block-list.ts';
import type { OpenOrigin } from './clients.ts';
import type { Resolve } from './resolver.ts';

export interface EgressTimeouts {
  /** For a connection, TLS included. */
  readonly connectMs: number;
  /** From the request to the head of its answer. */
  readonly headersMs: number;
  /** Between two pieces of a body. */
  readonly idleMs: number;
}

/** What pages may reach, and what they do without. */
export interface EgressLists {
  /** Hosts that may be reached whatever their addresses (host-patterns.ts). */
  readonly allowHosts: readonly string[];
  /** Hosts that may not be reached; goes before `allowHosts`. */
  readonly denyHosts: readonly string[];
  /** Networks (CIDR) that may be reached although they are not public. */
  readonly privateNetworks: readonly string[];
  /** What renders do without. */
  readonly block: readonly BlockCategory[];
}

/** What a site says of its own renders. */
export interface SiteEgress extends EgressLists {
  /** The `Host` that the site's origin is asked with: people's host, or its own. */
  readonly hostHeader: 'public' | 'origin';
  /** Fields that the site's application is sent with every request of a render; other hosts never see them. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface EgressSettings extends SiteEgress {
  /** By public origin: sites that have settings of their own, complete. Every other site takes those here. */
  readonly sites?: ReadonlyMap<string, SiteEgress>;
  /** The addresses of each category (config/blocked-requests.json). */
  readonly blockData: BlockData;
  /** Ports of Preface's own listeners, asked at each decision, since they are open only after the start. */
  readonly ownPorts: () => readonly number[];
  /** Bound of the assets kept for all tabs; 0 keeps none. */
  readonly assetCacheBytes: number;
  readonly timeouts: EgressTimeouts;
  /** Certificate authorities (PEM) trusted beside the usual ones, for origins with an internal certificate. */
  readonly trustedCa: readonly string[];
  /** Makes the client for a site's own origin, if that is one without TLS. */
  readonly openOrigin: OpenOrigin;
  readonly resolve: Resolve;
  readonly clock: Clock;
  readonly report: Report;
}
