import type { EdgeRequest } from '../messages.ts';
import { isConnectionField, nominatedFields } from '../page/connection-fields.ts';
import { type Forwarding, isForwardingField } from './forwarding.ts';

/** The head of a request as the origin gets it, and what it says of the body. */
export interface RequestFields {
  /** Flat `[name, value, …]`, names in the client's own spelling. */
  readonly fields: string[];
  /** What follows the head; a body of no bytes is none. */
  readonly body: 'none' | 'sized' | 'chunked';
}

/** What we call ourselves in `CDN-Loop` (RFC 8586 §2), by which a request that comes back to us can be told. */
const loopMark = 'preface';

/** The client's field lines without those that end here, with ours in the place of those that are replaced. */
export function requestFields(
  { rawHeaders, headers }: Pick<EdgeRequest, 'rawHeaders' | 'headers'>,
  forwarding: Forwarding,
  replacements: readonly string[],
): RequestFields {
  const nominated = nominatedFields(headers.connection);
  const fields: string[] = ['Host', forwarding.host];
  let body: RequestFields['body'] = 'none';
  let hasUserAgent = false;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    const value = rawHeaders[at + 1] ?? '';
    const lower = name.toLowerCase();
    switch (lower) {
      case 'host':
      // Node has answered `Expect: 100-continue` by now; to ask the origin again would leave two parties waiting.
      case 'expect':
        continue;
      // Sent below, with our mark.
      case 'cdn-loop':
        continue;
      case 'transfer-encoding':
        body = 'chunked';
        continue;
      case 'content-length':
        if (Number(value) > 0) body = 'sized';
        break;
      // The request was classified by the first one; the origin must not see another.
      case 'user-agent':
        if (hasUserAgent) continue;
        hasUserAgent = true;
        break;
      case 'forwarded':
        if (!forwarding.keepsForwarded) continue;
        break;
    }
    if (isConnectionField(lower) || isForwardingField(lower) || nominated.has(lower)) continue;
    if (replacements.length > 0 && names(replacements, lower)) continue;
    fields.push(name, value);
  }
  const loop = headers['cdn-loop'];
  fields.push('CDN-Loop', loop === undefined ? loopMark : `${loop}, ${loopMark}`);
  fields.push(...forwarding.fields, ...replacements);
  return { fields, body };
}

/** Whether flat field lines have a field of this lower-case name. */
function names(fields: readonly string[], lower: string): boolean {
  for (let at = 0; at < fields.length; at += 2) if (fields[at]?.toLowerCase() === lower) return true;
  return false;
}
