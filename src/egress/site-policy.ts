import type { Site } from '../page/site.ts';
import { type BlockList, createBlockList } from './block-list.ts';
import { type PolicyRules, policyRules } from './policy.ts';
import type { EgressLists, EgressSettings } from './settings.ts';

/** What the pages of a site may reach and do without. Sites whose lists say the same have the same object. */
export interface SitePolicy {
  /** No other policy has it. */
  readonly id: string;
  readonly rules: Omit<PolicyRules, 'ownPorts'>;
  readonly blocked: BlockList;
}

export type PolicyOf = (site: Site) => SitePolicy;

/** All policies are made here, at once. Throws when an entry of a list cannot be understood. */
export function createPolicies(
  settings: Pick<EgressSettings, keyof EgressLists | 'sites' | 'blockData'>,
  ownAddresses: readonly string[],
): PolicyOf {
  const made = new Map<string, SitePolicy>();

  function policyFrom(lists: EgressLists): SitePolicy {
    const content = contentOf(lists);
    const known = made.get(content);
    if (known !== undefined) return known;
    const policy: SitePolicy = {
      id: `policy-${made.size}`,
      rules: policyRules(lists, ownAddresses),
      blocked: createBlockList(lists.block, settings.blockData),
    };
    made.set(content, policy);
    return policy;
  }

  const common = policyFrom(settings);
  const own = new Map([...(settings.sites ?? [])].map(([publicOrigin, lists]) => [publicOrigin, policyFrom(lists)]));
  return made.size === 1 ? () => common : ({ publicUrl }) => own.get(publicUrl.origin) ?? common;
}

/** The order of a list decides nothing. */
function contentOf({ allowHosts, denyHosts, privateNetworks, block }: EgressLists): string {
  return JSON.stringify([allowHosts, denyHosts, privateNetworks, block].map((list) => [...new Set(list)].sort()));
}

/** Is this the host under which the page itself is known? */
export function isOfSite(url: URL, site: Site): boolean {
  return site.hosts.includes(url.host);
}

/**
 * For whom an answer may be kept: what a site's own origin said is for that site's pages alone, since no policy let it through, and what others
 * said is for all pages of one policy.
 */
export function scopeOf(url: URL, site: Site, policy: SitePolicy): string {
  return isOfSite(url, site) ? site.publicUrl.origin : policy.id;
}
