import { verify } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Finding } from './finding.ts';
import type { KeyAnswer, KeyDirectories } from './key-directory.ts';
import { signatureBase } from './signature-base.ts';
import { directoryUrlOf, problemOf, type SignatureClaim, signatureClaims } from './signature-claims.ts';
import type { SignedMessage } from './verifier.ts';

export interface SignatureSettings {
  /** The agents that are believed, as they name themselves in `Signature-Agent`. */
  readonly agents: readonly string[];
  /** How people reach the site, which is what an agent has signed: `https`. */
  readonly scheme: string;
}

/** Judges the signatures of known agents; undefined for a message that bears none. Never rejects. */
export type SignatureCheck = (message: SignedMessage) => Finding | Promise<Finding> | undefined;

/** Web Bot Auth. Keys are fetched only from the agents of the list, so that no request chooses where we connect to. */
export function createSignatureCheck(
  { agents, scheme }: SignatureSettings,
  { keys, clock }: { readonly keys: KeyDirectories; readonly clock: Clock },
): SignatureCheck {
  const known = new Set(agents.map(directoryUrlOf));

  function judge(message: SignedMessage, claim: SignatureClaim): Finding | Promise<Finding> {
    const because = problemOf(claim, clock.now() / 1000);
    if (because !== undefined) return { verdict: 'forged', because };
    const base = signatureBase(message, claim.covered, scheme);
    const keyId = claim.covered.params.get('keyid');
    if (base === undefined) return { verdict: 'forged', because: 'signature-invalid' };
    if (typeof keyId !== 'string') return { verdict: 'forged', because: 'signature-key-unknown' };
    const key = keys.find(claim.directoryUrl, keyId);
    return key instanceof Promise ? key.then((late) => proven(base, claim, late)) : proven(base, claim, key);
  }

  return (message) => {
    if (known.size === 0 || message.headers['signature-agent'] === undefined) return undefined;
    const findings = signatureClaims(message)
      .filter(({ directoryUrl }) => known.has(directoryUrl))
      .map((claim) => judge(message, claim));
    if (findings.length === 0) return undefined;
    return findings.some((finding) => finding instanceof Promise)
      ? Promise.all(findings).then(best)
      : best(findings as Finding[]);
  };
}

function proven(base: string, { signature }: SignatureClaim, key: KeyAnswer): Finding {
  if (key === 'unreachable') return { verdict: 'unverifiable', because: 'lookup-failed' };
  if (key === 'unknown') return { verdict: 'forged', because: 'signature-key-unknown' };
  const isGood = verify(null, Buffer.from(base, 'latin1'), key, signature);
  return isGood ? { verdict: 'verified', because: 'signature' } : { verdict: 'forged', because: 'signature-invalid' };
}

/** Each signature stands for itself: one that is good is enough, whatever the others are. */
function best(findings: readonly Finding[]): Finding {
  const order = ['verified', 'unverifiable', 'forged'];
  return findings.toSorted((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict))[0] as Finding;
}
