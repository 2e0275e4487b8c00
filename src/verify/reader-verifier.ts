import type { Clock } from '../clock.ts';
import type { Verified } from '../page/reader.ts';
import { type AddressCheckParts, type AddressCheckSettings, createAddressCheck } from './address-check.ts';
import type { Finding } from './finding.ts';
import { createKeyDirectories } from './key-directory.ts';
import type { ReaderCheck, ReaderClaim } from './verifier.ts';
import { createSignatureCheck, type SignatureCheck, type SignatureSettings } from './web-bot-auth.ts';

export interface ReaderVerifierSettings extends AddressCheckSettings {
  /** How long a strict check keeps a request waiting. */
  readonly waitMs: number;
}

export interface SiteVerification extends SignatureSettings {
  readonly isStrict: boolean;
}

export interface ReaderVerifier {
  /** The check of one site. All share what was found about addresses. */
  forSite(site: SiteVerification): ReaderCheck;
}

/** Finds out whether readers are who they say, by where they come from or by what they sign. It tells, and blocks nobody. */
export function createReaderVerifier(settings: ReaderVerifierSettings, parts: AddressCheckParts): ReaderVerifier {
  const { clock } = parts;
  const judgeAddress = createAddressCheck(settings, parts);
  const keys = createKeyDirectories(parts);

  const byAddress = ({ name = '', address }: ReaderClaim) => judgeAddress(name, address);

  function finding(claim: ReaderClaim, judgeSignature: SignatureCheck): Finding | Promise<Finding> {
    const signed = judgeSignature(claim.message);
    if (signed === undefined) return byAddress(claim);
    if (signed instanceof Promise) return signed.then((late) => withAddress(late, claim));
    return withAddress(signed, claim);
  }

  /** An address may still prove what a signature could not; a bad signature stays a bad sign where the address says nothing. */
  function withAddress(signed: Finding, claim: ReaderClaim): Finding | Promise<Finding> {
    if (signed.verdict === 'verified') return signed;
    const heavier = (address: Finding): Finding =>
      address.verdict === 'unverifiable' && signed.verdict === 'forged' ? signed : address;
    const found = byAddress(claim);
    return found instanceof Promise ? found.then(heavier) : heavier(found);
  }

  return {
    forSite(site) {
      const judgeSignature = createSignatureCheck(site, { keys, clock });
      return {
        isStrict: site.isStrict,
        check(claim) {
          const found = finding(claim, judgeSignature);
          if (!(found instanceof Promise)) return found.verdict;
          return site.isStrict ? withinTime(found, settings.waitMs, clock) : 'pending';
        },
      };
    },
  };
}

function withinTime(found: Promise<Finding>, waitMs: number, clock: Clock): Promise<Verified> {
  return new Promise((resolve) => {
    const cancel = clock.after(waitMs, () => resolve('pending'));
    void found.then(({ verdict }) => resolve(verdict)).finally(cancel);
  });
}
