import { createHash, hash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import type { AnswerFields } from '../origin/client.ts';
import { isCutByLimit } from '../page/incomplete.ts';
import type { Site } from '../page/site.ts';
import type { RenderInput } from '../page/snapshot.ts';
import { cacheUse } from './asset-cache.ts';
import type { AssetShelf } from './asset-shelf.ts';
import type { Clients } from './clients.ts';
import { codingOf, createDecoder, decodeNow, smallDecodedBytes } from './decoding.ts';
import { headHashOf } from './document-head.ts';
import type { InputState } from './exit.ts';
import { upstreamFields } from './fields.ts';
import type { Gatekeeper } from './gatekeeper.ts';
import { type PolicyOf, scopeOf } from './site-policy.ts';
import { wholeAnswer } from './whole-answer.ts';

export interface RecheckParts {
  readonly policyOf: PolicyOf;
  readonly wayOut: Gatekeeper;
  readonly clients: Clients;
  readonly shelf: AssetShelf;
}

/** A body that is larger is not worth hashing again: rendering is no dearer. */
const maxBodyBytes = 10 * 1024 * 1024;

/** Asks for an input of an earlier render again, under the policy of its site's renders, without a browser (docs: "Revalidate"). Never rejects. */
export async function recheck(
  parts: RecheckParts,
  input: RenderInput,
  site: Site,
  signal: AbortSignal,
): Promise<InputState> {
  if (isCutByLimit(input)) return 'unknown';
  // Hardly anything of these came from outside; a file that was missing is looked for by the next render.
  if (input.verdict === 'blocked' || input.verdict === 'refused') return 'unchanged';
  const url = URL.parse(input.url);
  const isKnown = input.bodyHash !== undefined || input.etag !== undefined;
  if (input.verdict === 'failed' || !isAskable(input) || !isKnown || url === null) return 'unknown';
  try {
    return await ask(parts, input, url, site, signal);
  } catch {
    return 'unknown';
  }
}

/** Only a POST whose body was kept can be sent again. Where a redirect led to was not written down. */
function isAskable({ method, requestBody, bodyHash, status }: RenderInput): boolean {
  if (status >= 300 && status < 400 && status !== 304) return false;
  return method === 'GET' || (method === 'POST' && requestBody !== undefined && bodyHash !== undefined);
}

async function ask(
  { policyOf, wayOut, clients, shelf }: RecheckParts,
  input: RenderInput,
  url: URL,
  site: Site,
  signal: AbortSignal,
): Promise<InputState> {
  const { method, requestBody, requestType } = input;
  const use = cacheUse(scopeOf(url, site, policyOf(site)), method, url.href, {});
  const promised = use && shelf.freshBodyHash(use);
  if (promised !== undefined) return promised === input.bodyHash ? 'unchanged' : 'changed';

  const way = await wayOut(url, site);
  if (way.kind === 'refuse') return 'unknown';
  const client = way.kind === 'site' ? clients.toSite(way.originUrl) : clients.toAddresses(url, way.addresses);
  const fields = upstreamFields({
    rawHeaders: [
      ...['accept', input.type === 'document' ? 'text/html,*/*;q=0.8' : '*/*', 'accept-encoding', 'gzip'],
      ...(requestType === undefined ? [] : ['content-type', requestType]),
    ],
    host: way.host,
    validators: validatorsFrom(input),
    ...(way.kind === 'site' ? { site: way.mark } : {}),
  });
  const request = {
    method,
    path: url.pathname + url.search,
    fields,
    body: requestBody === undefined ? null : Buffer.from(requestBody),
  };
  // A render may have seen 304 itself, which stands for the 200 that its browser held.
  const status = input.status === 304 ? 200 : input.status;
  const isSameHead = (head: AnswerFields) => input.headHash === undefined || headHashOf(head) === input.headHash;
  const mayBeSame = (answered: number, head: AnswerFields) =>
    answered === status && input.bodyHash !== undefined && isSameHead(head);
  const answer = await wholeAnswer(client, request, { signal, maxBytes: maxBodyBytes, wantsBody: mayBeSame });
  if (answer.status === 304) return 'unchanged';
  if (!mayBeSame(answer.status, answer.fields)) return 'changed';
  return (await hashOf(answer.body, answer.fields['content-encoding'])) === input.bodyHash ? 'unchanged' : 'changed';
}

/** None where the head matters: a 304 need not repeat it (RFC 9110 §15.4.5). */
function validatorsFrom({ method, etag, lastModified, headHash }: RenderInput): string[] {
  if (method !== 'GET' || headHash !== undefined) return [];
  const fields: string[] = [];
  if (etag !== undefined) fields.push('if-none-match', etag);
  if (lastModified !== undefined) fields.push('if-modified-since', lastModified);
  return fields;
}

/** Of the decoded body, as relay.ts makes it. Rejects when the body is broken or too large. */
async function hashOf(body: Buffer, contentEncoding: string | string[] | undefined): Promise<string> {
  const coding = codingOf(contentEncoding);
  if (coding === undefined || coding === 'deflate') throw new Error('answered in a coding that was not asked for');
  if (coding === 'identity') return hash('sha256', body, 'base64url');
  const plain = decodeNow(body, coding, smallDecodedBytes);
  if (plain !== undefined) return hash('sha256', plain, 'base64url');
  const whole = createHash('sha256');
  let bytes = 0;
  await pipeline([body], createDecoder(coding, 0), async (source: AsyncIterable<Buffer>) => {
    for await (const piece of source) {
      bytes += piece.byteLength;
      if (bytes > maxBodyBytes) throw new Error('too large');
      whole.update(piece);
    }
  });
  return whole.digest('base64url');
}
