import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Site } from '../page/site.ts';
import type { Clients } from './clients.ts';
import { upstreamFields, wholeAndPlain } from './fields.ts';
import type { FileProbes, ProbedFile } from './file-probes.ts';
import type { Gatekeeper } from './gatekeeper.ts';
import type { RequestKind } from './request-kind.ts';
import type { SilentScripts } from './silent-scripts.ts';
import { isOfSite } from './site-policy.ts';
import { answerStandIn } from './stand-ins.ts';

/** A request for something that a render does without. */
export interface LeftOut {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly target: string;
  readonly kind: RequestKind;
  readonly site: Site;
}

export interface LeftOutParts {
  readonly wayOut: Gatekeeper;
  readonly clients: Clients;
  readonly probes: FileProbes;
  readonly silentScript: SilentScripts;
}

/** Answers it so that the application does not notice. Resolves to the status. */
export async function answerLeftOut(parts: LeftOutParts, leftOut: LeftOut): Promise<number> {
  const file = await probe(parts, leftOut);
  const { request, response, url, kind } = leftOut;
  return answerStandIn(request, response, kind, { silentScript: parts.silentScript(url), file });
}

/** Kinds whose files may be missing, or have moved, and pages that do something about it. */
const probedKinds = new Set<RequestKind>(['image', 'media', 'track', 'font']);

/** Of its own files the application is asked, which is near; nobody else is asked for what no reader sees. */
function probe(
  { wayOut, clients, probes }: LeftOutParts,
  { request, url, target, kind, site }: LeftOut,
): Promise<ProbedFile | undefined> | undefined {
  if (request.method !== 'GET' || !probedKinds.has(kind) || !isOfSite(url, site)) return undefined;
  const way = wayOut(url, site);
  if (way instanceof Promise || way.kind !== 'site') return undefined;
  const rawHeaders = wholeAndPlain(request.rawHeaders);
  const fields = upstreamFields({ rawHeaders, host: way.host, site: way.mark });
  const question = { method: 'GET', path: target, fields, body: null };
  const key = `${site.publicUrl.origin} ${url.href}`;
  return probes.probe(key, clients.toSite(way.originUrl), question, kind === 'image');
}
