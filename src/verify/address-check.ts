import type { Clock } from '../clock.ts';
import type { Report } from '../events.ts';
import type { FetchDocument } from './fetch-document.ts';
import type { Finding, VerificationMethod } from './finding.ts';
import { checkName, type NameServer } from './name-check.ts';
import { publicInternet } from './networks.ts';
import { createRangeLists, type RangeSnapshot } from './range-lists.ts';
import { createVerdictMemory } from './verdict-memory.ts';

export interface AddressCheckSettings {
  /** How crawlers can be recognised, by their names. */
  readonly methods: ReadonlyMap<string, VerificationMethod>;
  readonly ranges: readonly RangeSnapshot[];
  /** Networks that are not the public internet. */
  readonly specialNetworks: readonly string[];
  /** How long a lookup in the name system may take; nobody waits for it that long. */
  readonly lookupMs: number;
  readonly maxRemembered: number;
  /** Lookups at once; who comes in a flood beyond that is not checked. */
  readonly maxLookups: number;
}

export interface AddressCheckParts {
  readonly names: NameServer;
  readonly fetchDocument: FetchDocument;
  readonly clock: Clock;
  readonly report: Report;
}

type Checkable = Exclude<VerificationMethod, { readonly method: 'none' }>;

/** Judges the name of a crawler by the address that it comes from. Never rejects. */
export type AddressCheck = (name: string, address: () => string) => Finding | Promise<Finding>;

/** Cheap things first: what is remembered, published ranges, then names. */
export function createAddressCheck(settings: AddressCheckSettings, parts: AddressCheckParts): AddressCheck {
  const { names, clock, report } = parts;
  const { methods, lookupMs, maxLookups } = settings;
  const internet = publicInternet(settings.specialNetworks);
  const lists = createRangeLists(settings.ranges, internet, parts);
  const memory = createVerdictMemory(settings.maxRemembered, clock);
  const lookups = new Map<string, Promise<Finding>>();

  /** What needs no asking around. */
  function atHand(method: Checkable, address: string): Finding | undefined {
    if (!internet.hasAddress(address)) return { verdict: 'unverifiable', because: 'private-address' };
    const isInRanges = method.method === 'ranges' && lists.find(method.url, address) === 'inside';
    return isInRanges ? { verdict: 'verified', because: 'in-ranges' } : undefined;
  }

  /** One lookup per address and family at a time. */
  function lookUp(method: Checkable, address: string, key: string, name: string): Finding | Promise<Finding> {
    const underWay = lookups.get(key);
    if (underWay !== undefined) return underWay;
    if (lookups.size >= maxLookups) return { verdict: 'unverifiable', because: 'busy' };
    const lookup = askAround(method, address).then((finding) => {
      lookups.delete(key);
      memory.set(key, finding);
      report({ type: 'reader.checked', name, address, verified: finding.verdict, because: finding.because });
      return finding;
    });
    lookups.set(key, lookup);
    return lookup;
  }

  async function askAround(method: Checkable, address: string): Promise<Finding> {
    const { suffixes = [] } = method;
    const refreshed = method.method === 'ranges' ? lists.refresh(method.url) : undefined;
    // Where there are names as well, nobody needs to wait for a download.
    if (suffixes.length > 0) return byName(suffixes, address);
    await refreshed;
    const place = method.method === 'ranges' ? lists.find(method.url, address) : 'unknown';
    if (place === 'inside') return { verdict: 'verified', because: 'in-ranges' };
    if (place === 'outside') return { verdict: 'forged', because: 'not-in-ranges' };
    return { verdict: 'unverifiable', because: 'ranges-outdated' };
  }

  async function byName(suffixes: readonly string[], address: string): Promise<Finding> {
    const verdict = await checkName(address, suffixes, { names, clock, limitMs: lookupMs });
    if (verdict === 'confirmed') return { verdict: 'verified', because: 'name-confirmed' };
    if (verdict === 'refuted') return { verdict: 'forged', because: 'name-refuted' };
    return { verdict: 'unverifiable', because: 'lookup-failed' };
  }

  return (name, addressOf) => {
    const method = methods.get(name);
    if (method === undefined || method.method === 'none') return { verdict: 'unverifiable', because: 'no-method' };
    const address = addressOf();
    const key = `${address} ${familyOf(method)}`;
    const remembered = memory.get(key);
    if (remembered !== undefined) return remembered;
    const found = atHand(method, address);
    if (found === undefined) return lookUp(method, address, key, name);
    memory.set(key, found);
    return found;
  };
}

/** Crawlers that are recognised by the same means are one family: what was found about an address holds for all of them. */
function familyOf(method: Checkable): string {
  return method.method === 'ranges' ? method.url : method.suffixes.join();
}
