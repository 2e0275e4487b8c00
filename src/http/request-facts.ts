import type { RequestFacts } from '../classify/verdict.ts';
import type { EdgeRequest } from '../messages.ts';
import { hasBody } from '../page/body-framing.ts';

/** What classification needs to know of a request. `target` is its origin-form target, which may differ from `request.url`. */
export function requestFacts(request: EdgeRequest, target: string): RequestFacts {
  const { headers } = request;
  return {
    method: request.method ?? '',
    target,
    userAgent: headers['user-agent'] ?? '',
    accept: headers.accept ?? '',
    secFetchDest: single(headers['sec-fetch-dest']),
    cookie: headers.cookie ?? '',
    hasAuthorization: headers.authorization !== undefined,
    hasRange: headers.range !== undefined && !startsAtBegin.test(headers.range),
    hasBody: hasBody(headers),
    isUpgrade: headers.upgrade !== undefined,
    hasPrerenderMark: headers['x-prerender'] !== undefined,
    hasBufferbotMark: headers['x-bufferbot'] !== undefined,
    hasLoopMark: namesUs.test(single(headers['cdn-loop'])),
  };
}

// A preview that asks for the first bytes of a page may be given all of it (RFC 9110 §14.2: a server may ignore Range);
// only a later part, as in a resumed download, is the origin's business.
const startsAtBegin = /^\s*bytes\s*=\s*0\s*-[\s\d]*$/i;

/** `CDN-Loop: preface; v=1, other` (RFC 8586 §2). */
const namesUs = /(?:^|,)\s*preface\s*(?:;|,|$)/i;

const single = (value: string | string[] | undefined): string =>
  Array.isArray(value) ? value.join(', ') : (value ?? '');
