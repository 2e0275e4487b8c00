import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FileState, ProbedFile } from './file-probe.ts';
import type { PictureSize } from './picture-size.ts';
import type { RequestKind } from './request-kind.ts';
import { emptyFont } from './stand-in-font.ts';

/** What is answered instead of something that no reader will see. */
interface StandIn {
  readonly status: number;
  readonly type?: string;
  readonly body?: Buffer;
}

const nothing: StandIn = { status: 204 };

/** One transparent pixel: `load` fires, as lazy-loading libraries wait for it. */
const pixel = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

/** The same pixel on a screen of that size, which is the picture's own (GIF89a §18). */
function pictureOf({ width, height }: PictureSize): Buffer {
  const picture = Buffer.from(pixel);
  picture.writeUInt16LE(width, 6);
  picture.writeUInt16LE(height, 8);
  return picture;
}

/**
 * An application must not notice what was left out: a tracker's script loads and does nothing (silent-trackers.ts), its beacon is
 * accepted, a picture, a clip or a font loads.
 */
const byKind: Partial<Record<RequestKind, StandIn>> = {
  script: { status: 200, type: 'text/javascript' },
  worker: { status: 200, type: 'text/javascript', body: Buffer.alloc(0) },
  stylesheet: { status: 200, type: 'text/css', body: Buffer.alloc(0) },
  image: { status: 200, type: 'image/gif', body: pixel },
  media: { status: 200, type: 'audio/wav', body: silence() },
  track: { status: 200, type: 'text/vtt', body: Buffer.from('WEBVTT\n') },
  font: { status: 200, type: 'font/ttf', body: emptyFont() },
};

/** Nobody tells a browser that a picture has changed before that. */
const assetSeconds = 600;

export interface StandInFacts {
  readonly silentScript: Buffer;
  /** What the application says of the file; undefined where nobody was asked. */
  readonly file: FileState | undefined;
}

/** Answers a blocked request: with what is known of the file when it is not there, else as if it were. Returns the status. */
export function answerStandIn(
  request: IncomingMessage,
  response: ServerResponse,
  kind: RequestKind,
  { silentScript, file }: StandInFacts,
): number {
  const headers = ['X-Preface-Egress', 'blocked', 'Cross-Origin-Resource-Policy', 'cross-origin'];
  headers.push(...corsFields(request));
  const known = file === 'unknown' ? undefined : file;
  if (known !== undefined && known.status !== 200) {
    if (known.location !== undefined) headers.push('Location', known.location);
    response.writeHead(known.status, [...headers, 'Cache-Control', 'no-store', 'Content-Length', '0']).end();
    return known.status;
  }
  const { status, type, body } = standInFor(request, kind, silentScript, known);
  if (type !== undefined) headers.push('Content-Type', type);
  if (status !== 204) headers.push('Content-Length', String(body?.byteLength ?? 0));
  if (status === 200) headers.push('Cache-Control', cacheControl(file), 'Vary', 'Origin');
  response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : body);
  return status;
}

/** The browser's own cache answers the next render's request. */
function cacheControl(file: FileState | undefined): string {
  if (file === undefined) return 'max-age=3600';
  return file === 'unknown' ? 'no-store' : `max-age=${assetSeconds}`;
}

function standInFor(
  { method }: IncomingMessage,
  kind: RequestKind,
  silentScript: Buffer,
  file: ProbedFile | undefined,
): StandIn {
  if (method === 'OPTIONS') return nothing;
  const standIn = byKind[kind] ?? nothing;
  if (kind === 'script') return { body: silentScript, ...standIn };
  return kind === 'image' && file?.size !== undefined ? { ...standIn, body: pictureOf(file.size) } : standIn;
}

/** Something for the next page (`<link rel=prefetch>`, speculation rules), which will not be visited from here. */
export function isSpeculative({ headers }: IncomingMessage): boolean {
  return String(headers['sec-purpose'] ?? '').includes('prefetch');
}

/** As a busy server declines a prefetch; nothing that a cache could take for the real thing. */
export function declineSpeculation(response: ServerResponse): number {
  response.writeHead(503, ['X-Preface-Egress', 'blocked', 'Cache-Control', 'no-store', 'Content-Length', '0']).end();
  return 503;
}

/** Whatever the page asked for across origins is permitted: there is nothing in the answer to protect. */
function corsFields({ headers }: IncomingMessage): string[] {
  if (headers.origin === undefined) return [];
  const fields = ['Access-Control-Allow-Origin', headers.origin, 'Access-Control-Allow-Credentials', 'true'];
  const asked = headers['access-control-request-headers'];
  if (asked !== undefined) fields.push('Access-Control-Allow-Headers', asked);
  const method = headers['access-control-request-method'];
  if (method !== undefined) fields.push('Access-Control-Allow-Methods', method);
  return fields;
}

/** A tenth of a second of silence as 8-bit PCM; Chromium plays it in `<video>` as well as in `<audio>`. */
function silence(): Buffer {
  const sampleRate = 8000;
  const samples = Buffer.alloc(sampleRate / 10, 0x80);
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples]);
}
