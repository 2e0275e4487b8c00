import type { IncomingHttpHeaders } from 'node:http';

/** What a request is for. Mostly the words of `Sec-Fetch-Dest` (Fetch §2.2.5), with Chromium's names where they differ. */
export type RequestKind =
  | 'document'
  | 'frame'
  | 'script'
  | 'stylesheet'
  | 'image'
  | 'font'
  | 'media'
  | 'track'
  | 'worker'
  | 'manifest'
  | 'fetch'
  | 'report'
  | 'websocket'
  | 'other';

const byDestination = new Map<string, RequestKind>(
  Object.entries({
    document: 'document',
    iframe: 'frame',
    frame: 'frame',
    fencedframe: 'frame',
    embed: 'frame',
    object: 'frame',
    script: 'script',
    xslt: 'script',
    audioworklet: 'worker',
    paintworklet: 'worker',
    worker: 'worker',
    sharedworker: 'worker',
    serviceworker: 'worker',
    style: 'stylesheet',
    image: 'image',
    font: 'font',
    audio: 'media',
    video: 'media',
    track: 'track',
    manifest: 'manifest',
    json: 'fetch',
    empty: 'fetch',
    report: 'report',
  } as const),
);

const byExtension = new Map<string, RequestKind>(
  Object.entries({
    js: 'script',
    mjs: 'script',
    css: 'stylesheet',
    woff: 'font',
    woff2: 'font',
    ttf: 'font',
    otf: 'font',
    mp4: 'media',
    webm: 'media',
    mp3: 'media',
    ogg: 'media',
    m4a: 'media',
    vtt: 'track',
  } as const),
);

/** Chromium sends `Sec-Fetch-Dest` to secure origins only; on plain HTTP the older signs must do. */
export function requestKind(headers: IncomingHttpHeaders, path: string): RequestKind {
  const destination = headers['sec-fetch-dest'];
  if (typeof destination === 'string') return byDestination.get(destination) ?? 'other';

  const accept = headers.accept ?? '';
  if (accept.startsWith('text/html')) return headers['upgrade-insecure-requests'] === '1' ? 'document' : 'frame';
  if (accept.startsWith('text/css')) return 'stylesheet';
  if (accept.startsWith('image/')) return 'image';
  const extension = /\.(\w{2,5})(?:\?|$)/.exec(path)?.[1]?.toLowerCase() ?? '';
  return byExtension.get(extension) ?? 'fetch';
}
