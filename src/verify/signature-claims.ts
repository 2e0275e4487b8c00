import type { SignatureProblem } from './finding.ts';
import { type Dictionary, type InnerList, parseDictionary, parseItem } from './structured-fields.ts';
import type { SignedMessage } from './verifier.ts';

/** One signature of a message by an agent that names itself. */
export interface SignatureClaim {
  /** Where the agent's keys are. */
  readonly directoryUrl: string;
  readonly covered: InnerList;
  readonly signature: Uint8Array;
}

const maxFieldLength = 4096;
const maxSignatures = 4;
const wellKnownPath = '/.well-known/http-message-signatures-directory';

/**
 * The Web Bot Auth signatures of a message (draft-ietf-webbotauth-httpsig-protocol). What is malformed, oversized or meant for something
 * else makes no claim; nothing is judged here.
 */
export function signatureClaims({ headers }: SignedMessage): readonly SignatureClaim[] {
  const [inputField, signatureField, agentField] = ['signature-input', 'signature', 'signature-agent'].map((name) => {
    const field = headers[name];
    return typeof field === 'string' && field.length <= maxFieldLength ? field : undefined;
  });
  if (inputField === undefined || signatureField === undefined || agentField === undefined) return [];
  const signatures = parseDictionary(signatureField);
  const inputs = parseDictionary(inputField);
  const agentOf = agents(agentField);
  if (signatures === undefined || inputs === undefined || agentOf === undefined) return [];

  return [...inputs]
    .flatMap(([label, covered]) => {
      const signature = bytesOf(signatures, label);
      if (covered.kind !== 'list' || covered.params.get('tag') !== 'web-bot-auth' || signature === undefined) return [];
      const directoryUrl = directoryUrlOf(agentOf(label, covered) ?? '');
      return directoryUrl === undefined ? [] : [{ directoryUrl, covered, signature }];
    })
    .slice(0, maxSignatures);
}

/**
 * An agent's address is that of its key directory, or the origin with a directory at the well-known place. Undefined for what is not
 * fetched from: other schemes, and keys that come along in a `data:` URL.
 */
export function directoryUrlOf(agent: string): string | undefined {
  if (!URL.canParse(agent)) return undefined;
  const url = new URL(agent);
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '') return undefined;
  url.hash = '';
  if (url.pathname === '/' && url.search === '') url.pathname = wellKnownPath;
  return url.href;
}

const longestSeconds = 86_400;
/** Clocks differ: a signature may have been made this far ahead of ours. */
const skewSeconds = 30;

/** What is wrong with a signature before its key is even looked for. */
export function problemOf({ covered, signature }: SignatureClaim, nowSeconds: number): SignatureProblem | undefined {
  const { params, items } = covered;
  const [created, expires, alg] = [params.get('created'), params.get('expires'), params.get('alg')];
  if ((alg !== undefined && alg !== 'ed25519') || signature.length !== 64) return 'signature-algorithm';
  // Without the host a signature made for one site would be good for all.
  const isBound = items.some(({ value }) => value === '@authority' || value === '@target-uri');
  if (!isBound || typeof created !== 'number' || typeof expires !== 'number') return 'signature-covers-too-little';
  if (created > nowSeconds + skewSeconds) return 'signature-not-yet-valid';
  if (expires < nowSeconds) return 'signature-expired';
  return expires - created > longestSeconds ? 'signature-lasts-too-long' : undefined;
}

type AgentOf = (label: string, covered: InnerList) => string | undefined;

/** Only the member with the signature's own label counts, and only when the signature covers it. */
function agents(field: string): AgentOf | undefined {
  // The form of the earlier drafts, which many agents still send: one string for all.
  if (field.trimStart().startsWith('"')) {
    const agent = parseItem(field)?.value;
    return (_, { items }) =>
      items.some(({ value, params }) => value === 'signature-agent' && params.size === 0) ? asText(agent) : undefined;
  }
  const members = parseDictionary(field);
  return (
    members &&
    ((label, { items }) => {
      const member = members.get(label);
      const isCovered = items.some(({ value, params }) => value === 'signature-agent' && params.get('key') === label);
      return isCovered && member?.kind === 'item' && member.params.size === 0 ? asText(member.value) : undefined;
    })
  );
}

const asText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function bytesOf(signatures: Dictionary, label: string): Uint8Array | undefined {
  const member = signatures.get(label);
  return member?.kind === 'item' && member.value instanceof Uint8Array ? member.value : undefined;
}
