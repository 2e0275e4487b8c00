import type { Site } from '../page/site.ts';
import type { Address } from './addresses.ts';
import type { SiteMark } from './fields.ts';
import { decide, type RefusalReason, refusedByName } from './policy.ts';
import type { AddressesOf } from './resolver.ts';
import type { EgressSettings } from './settings.ts';
import { isOfSite, type PolicyOf, type SitePolicy } from './site-policy.ts';

/** Where a request goes, if it may go. */
export type WayOut =
  /** To the site's origin, under the site's public name. */
  | { readonly kind: 'site'; readonly originUrl: URL; readonly host: string; readonly mark: SiteMark }
  /** To somebody else, at checked addresses. */
  | { readonly kind: 'other'; readonly host: string; readonly addresses: readonly Address[] }
  | { readonly kind: 'refuse'; readonly because: RefusalReason };

/** `url` is http or https; a WebSocket's is judged as such. Answers at once where no name has to be resolved. */
export type Gatekeeper = (url: URL, site: Site) => WayOut | Promise<WayOut>;

export function createGatekeeper(
  settings: Pick<EgressSettings, 'ownPorts' | 'hostHeader' | 'headers' | 'sites'>,
  policyOf: PolicyOf,
  exitPorts: () => readonly number[],
  addressesOf: AddressesOf,
): Gatekeeper {
  function judge(url: URL, answers: readonly string[], { rules }: SitePolicy): WayOut {
    const ownPorts = [...settings.ownPorts(), ...exitPorts()];
    const decision = decide(url, answers, { ...rules, ownPorts });
    return decision.kind === 'allow' ? { kind: 'other', host: url.host, addresses: decision.addresses } : decision;
  }

  return function wayOut(url, site) {
    if (isOfSite(url, site)) {
      const { hostHeader, headers = {} } = settings.sites?.get(site.publicUrl.origin) ?? settings;
      const host = hostHeader === 'public' ? url.host : site.originUrl.host;
      const mark = { publicHost: url.host, publicScheme: url.protocol.slice(0, -1), headers };
      return { kind: 'site', originUrl: site.originUrl, host, mark };
    }
    const policy = policyOf(site);
    const because = refusedByName(url, policy.rules);
    if (because !== undefined) return { kind: 'refuse', because };
    const answers = addressesOf(url.hostname);
    return answers instanceof Promise
      ? answers.then((resolved) => judge(url, resolved, policy))
      : judge(url, answers, policy);
  };
}
