import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Site } from '../page/site.ts';
import type { Clients } from './clients.ts';
import { ownFields, upstreamFields } from './fields.ts';
import type { FileState } from './file-probe.ts';
import type { FileProbes } from './file-probes.ts';
import type { Gatekeeper } from './gatekeeper.ts';
import type { Patience } from './patience.ts';
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
  /** What other renders were told holds for this one, too. */
  readonly isShared: boolean;
  readonly patience: Patience;
}

export interface LeftOutParts {
  readonly wayOut: Gatekeeper;
  readonly clients: Clients;
  readonly probes: FileProbes;
  readonly silentScript: SilentScripts;
}

/** Answers it so that the application does not notice. Resolves to the status. */
export async function answerLeftOut(parts: LeftOutParts, leftOut: LeftOut): Promise<number> {
  const { request, response, url, kind, patience } = leftOut;
  const state = stateOf(parts, leftOut);
  const told = state instanceof Promise ? await patience.within(state, 'unknown') : state;
  const file = believed(told, leftOut);
  return answerStandIn(request, response, kind, { silentScript: parts.silentScript(url), file });
}

/** Of its own files the application is asked, which is near; nobody else is asked for what no reader sees. */
function stateOf(
  { wayOut, clients, probes }: LeftOutParts,
  { request, url, target, kind, site, isShared }: LeftOut,
): FileState | Promise<FileState> | undefined {
  if (request.method !== 'GET' || !probedKinds.has(kind) || !isOfSite(url, site) || !isFile(url)) return undefined;
  const way = wayOut(url, site);
  if (way instanceof Promise || way.kind !== 'site') return undefined;
  const rawHeaders = ownFields(request.rawHeaders);
  const fields = upstreamFields({ rawHeaders, host: way.host, site: way.mark });
  const question = { method: 'GET', path: target, fields, body: null };
  const isPicture = kind === 'image';
  const key = isShared ? `${site.publicUrl.origin} ${isPicture} ${url.href}` : undefined;
  return probes.of(key, clients.toSite(way.originUrl), question, isPicture);
}

/** The question went without the browser's cookies: with them it might have been let in. */
function believed(file: FileState | undefined, { request }: LeftOut): FileState | undefined {
  if (file === undefined || file === 'unknown' || request.headers.cookie === undefined) return file;
  const isTurnedAway = file.status === 401 || file.status === 403 || file.location !== undefined;
  return isTurnedAway ? 'unknown' : file;
}

/** Kinds whose files may be missing, or have moved, and pages that do something about it. */
const probedKinds = new Set<RequestKind>(['image', 'media', 'track', 'font']);

/** What has a query and no name of a picture, clip or font is made when it is asked for, or counts who asks; so does many a GIF. */
const isFile = ({ search, pathname }: URL): boolean =>
  search === '' || /\.(?:jpe?g|png|webp|avif|svg|ico|bmp|mp4|webm|ogg|mp3|m4a|wav|vtt|woff2?|ttf|otf)$/i.test(pathname);
