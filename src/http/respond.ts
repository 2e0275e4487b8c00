import { STATUS_CODES } from 'node:http';
import type { StoredEntry } from '../cache/stored-entry.ts';
import type { EdgeRequest, EdgeResponse } from '../messages.ts';
import { headerValue } from '../page/headers.ts';
import type { PageAnswer } from '../serve/page-source.ts';
import { type EncodedBody, encodedBody, negotiateEncoding } from './encode.ts';
import { FastResponse } from './fast-path/fast-response.ts';
import { fieldLines, type PreparedHead, prepareHead } from './fast-path/head-lines.ts';

type Page = Extract<PageAnswer, { kind: 'page' }>;

export interface RespondSettings {
  /** Field names whose values choose among answers for one URL, beside `Accept-Encoding`: `User-Agent`, `Accept`, an edge's own. */
  readonly vary: string;
}

export interface PageReply {
  readonly page: Page;
  readonly now: number;
  /** Field lines that belong to this request alone, flat `[name, value, …]`. */
  readonly addHeaders: readonly string[];
}

export interface Written {
  readonly status: number;
  readonly bytes: number;
}

export type PageWriter = (
  request: EdgeRequest,
  response: EdgeResponse,
  reply: PageReply,
  done: (written: Written) => void,
) => Promise<void> | undefined;

/** Answers a reader with a stored page: conditional requests, HEAD and content coding (RFC 9110 §8.4, §9.3.2, §13). */
export function createPageWriter({ vary }: RespondSettings): PageWriter {
  const prepared = new WeakMap<EncodedBody | StoredEntry, Prepared>();

  function headOf(entry: StoredEntry, body: EncodedBody): Prepared {
    // The plain body has no object of its own that lives as long as the entry.
    const owner = body.encoding === 'identity' ? entry : body;
    const known = prepared.get(owner);
    if (known !== undefined) return known;
    const made = prepare(entry, body, `${vary}, Accept-Encoding`);
    prepared.set(owner, made);
    return made;
  }

  return function writePage(request, response, reply, done) {
    const { entry } = reply.page;
    const body = encodedBody(entry, negotiateEncoding(request.headers['accept-encoding'] as string | undefined));
    const write = (encoded: EncodedBody) =>
      done(writeEncoded(request, response, reply, encoded, headOf(entry, encoded)));
    if (body instanceof Promise) return body.then(write);
    write(body);
    return undefined;
  };
}

/** The part of an answer's head that all requests for one entry in one coding share. */
interface Prepared {
  readonly etag: string;
  readonly lastModifiedMs: number;
  readonly whole: SharedHead;
  /** A 304 repeats the fields that tell whether a copy is still right (RFC 9110 §15.4.5). */
  readonly notModified: SharedHead;
  /** Of the last answer that was not rendered for its request; others within the second have the same. */
  lastMoment: Moment | undefined;
  /** A small body once more, as a string of its bytes: Node sends head and body in one piece then, in one system call. */
  readonly text: string | undefined;
}

/** What a head has in common with others, in the two forms in which it can be written. */
interface SharedHead {
  readonly status: number;
  readonly reason: string;
  readonly fields: readonly string[];
  readonly prepared: PreparedHead;
}

function sharedHead(status: number, fields: readonly string[]): SharedHead {
  const reason = STATUS_CODES[status] ?? '';
  return { status, reason, fields, prepared: prepareHead(status, reason, fields) };
}

/** The field lines that change from second to second. */
interface Moment {
  readonly from: Page['from'];
  readonly age: number;
  readonly ttl: number;
  readonly fields: readonly string[];
  readonly lines: string;
}

function writeHead(response: EdgeResponse, shared: SharedHead, moment: Moment, own: readonly string[]): void {
  const { status, reason, fields, prepared } = shared;
  if (response instanceof FastResponse) response.writePrepared(prepared, moment.lines, own);
  else response.writeHead(status, reason, [...fields, ...moment.fields, ...own]);
}

const maxTextBytes = 16 * 1024;

function prepare(entry: StoredEntry, body: EncodedBody, vary: string): Prepared {
  const etag = body.encoding === 'identity' ? `"${entry.etag}"` : `"${entry.etag}-${body.encoding}"`;
  const lastModifiedMs = Math.floor(entry.renderedAt / 1000) * 1000;
  const isRedirect = entry.status >= 300 && entry.status < 400;
  const validators = [
    'Cache-Control',
    headerValue(entry.headers, 'cache-control') ?? cacheControl(entry),
    'Vary',
    vary,
    ...(isRedirect ? [] : ['ETag', etag, 'Last-Modified', new Date(lastModifiedMs).toUTCString()]),
  ];
  const representation = ['Content-Length', String(body.bytes.byteLength)];
  if (body.encoding !== 'identity') representation.push('Content-Encoding', body.encoding);
  for (const [name, value] of entry.headers)
    if (name !== 'cache-control' && name !== 'vary') representation.push(name, value);
  const { buffer, byteOffset, byteLength } = body.bytes;
  const text = byteLength <= maxTextBytes ? Buffer.from(buffer, byteOffset, byteLength).toString('latin1') : undefined;
  return {
    etag,
    lastModifiedMs,
    whole: sharedHead(entry.status, [...representation, ...validators]),
    notModified: sharedHead(304, validators),
    lastMoment: undefined,
    text,
  };
}

/**
 * For caches between us and readers. Their own copy ages from the render on, as `Age` tells; clients ask again (RFC 5861 for the stale windows). A page that
 * was purged is young and stale all the same: they must not keep what was just called outdated.
 */
function cacheControl(entry: StoredEntry): string {
  const seconds = (ms: number) => Math.max(0, Math.round(ms / 1000));
  const fresh = seconds(entry.freshUntil - entry.validatedAt);
  if (entry.usableUntil <= entry.validatedAt) return 'private, no-cache';
  const whileRevalidate = seconds(entry.staleUntil - entry.freshUntil);
  const ifError = seconds(entry.usableUntil - entry.freshUntil);
  return `public, max-age=0, s-maxage=${fresh}, stale-while-revalidate=${whileRevalidate}, stale-if-error=${ifError}`;
}

function writeEncoded(
  request: EdgeRequest,
  response: EdgeResponse,
  reply: PageReply,
  body: EncodedBody,
  head: Prepared,
): Written {
  const { page, addHeaders } = reply;
  const moment = momentOf(reply, head);
  if (page.entry.status === 200 && isUnchanged(request, head)) {
    writeHead(response, head.notModified, moment, addHeaders);
    response.end();
    return { status: 304, bytes: 0 };
  }
  writeHead(response, head.whole, moment, addHeaders);
  if (request.method === 'HEAD') {
    response.end();
    return { status: page.entry.status, bytes: 0 };
  }
  if (head.text === undefined) response.end(body.bytes);
  else response.end(head.text, 'latin1');
  return { status: page.entry.status, bytes: body.bytes.byteLength };
}

function momentOf({ page, now }: PageReply, head: Prepared): Moment {
  const { from, entry, rendered } = page;
  const age = Math.max(0, Math.floor((now - entry.validatedAt) / 1000));
  const ttl = Math.floor((entry.freshUntil - now) / 1000);
  const last = head.lastMoment;
  if (rendered === undefined && last?.from === from && last.age === age && last.ttl === ttl) return last;
  const fields = ['Age', String(age), 'Cache-Status', cacheStatus(page, ttl), 'Server-Timing', serverTiming(page)];
  const moment = { from, age, ttl, fields, lines: fieldLines(fields) };
  if (rendered === undefined) head.lastMoment = moment;
  return moment;
}

/** RFC 9110 §13.2.2: `If-None-Match` alone counts where it is given; `If-Modified-Since` only without it. */
function isUnchanged(request: EdgeRequest, { etag, lastModifiedMs }: Prepared): boolean {
  const noneMatch = request.headers['if-none-match'];
  if (noneMatch !== undefined) {
    return noneMatch.trim() === '*' || noneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
  }
  const since = request.headers['if-modified-since'];
  return since !== undefined && lastModifiedMs <= Date.parse(since);
}

/** RFC 9211. */
function cacheStatus({ from, rendered }: Page, ttl: number): string {
  if (from === 'hit') return `Preface; hit; ttl=${ttl}`;
  if (from === 'stale') return `Preface; hit; fwd=stale; ttl=${ttl}`;
  if (from === 'revalidated') return `Preface; fwd=stale; fwd-status=304; ttl=${ttl}`;
  if (rendered?.variant) return 'Preface; fwd=bypass';
  if (rendered?.joined) return 'Preface; fwd=uri-miss; collapsed';
  return rendered?.stored ? 'Preface; fwd=uri-miss; stored' : 'Preface; fwd=uri-miss';
}

/** https://www.w3.org/TR/server-timing/ */
function serverTiming({ from, rendered }: Page): string {
  if (rendered === undefined) return `cache;desc=${from}`;
  const { queue, settle, total } = rendered.report.stages;
  const ms = (duration: number) => duration.toFixed(1).replace(/\.0$/, '');
  return `cache;desc=miss, queue;dur=${ms(queue)}, render;dur=${ms(total)}, settle;dur=${ms(settle)}`;
}
