import { createHash, type Hash, hash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Transform } from 'node:stream';
import type { AnswerTaker, Asking } from '../origin/client.ts';
import { fieldsForBrowser } from './browser-caching.ts';
import { type Coding, codingOf, createDecoder, decodeNow, smallDecodedBytes } from './decoding.ts';
import { answerFields } from './fields.ts';
import { heldRedirect } from './held-redirect.ts';
import type { ResponseFields } from './http-freshness.ts';
import { type Validators, validatorsOf } from './inputs.ts';
import type { RequestKind } from './request-kind.ts';
import type { Exchange } from './traffic.ts';

/** Bodies up to this size, known beforehand, are answered in one go. */
const smallBytes = 64 * 1024;

export interface RelayParts {
  readonly response: ServerResponse;
  readonly exchange: Exchange;
  readonly kind: RequestKind;
  readonly isHead: boolean;
  /** A redirect is told to the render alone. */
  readonly holdsRedirect: boolean;
  /** Called for 304: true when it was no answer to the browser's own question and has been dealt with. */
  readonly notModified: (fields: ResponseFields) => boolean;
  /** Up to how many bytes the body is worth keeping; called once, with the head of the answer. */
  readonly keeps: (status: number, fields: ResponseFields) => number;
  /** The whole answer has gone to the browser. `body` is there only when it is to be kept. */
  readonly done: (answer: RelayedAnswer) => void;
  /** It did not end well; `begun` says that the browser has seen a part of it, `wasLost` that a kept-alive connection ended. */
  readonly failed: (begun: boolean, wasLost: boolean) => void;
}

export interface RelayedAnswer {
  readonly status: number;
  readonly fields: ResponseFields;
  readonly validators: Validators;
  readonly bodyHash: string | undefined;
  readonly body: Buffer | undefined;
}

/** Takes one upstream answer to the browser: decoded, counted, hashed, and never faster than the browser reads. */
export class Relay implements AnswerTaker {
  readonly #parts: RelayParts;
  #source: Asking | undefined;
  #status = 0;
  #statusText = '';
  #fields: ResponseFields = {};
  #validators: Validators = {};
  #coding: Coding = 'identity';
  #decoder: Transform | undefined;
  /** Pieces held back as long as there is hope to answer in one go; undefined once the answer streams. */
  #held: Buffer[] | undefined = [];
  /** Pieces of a body that is to be kept. */
  #kept: Buffer[] | undefined;
  #keepable = 0;
  #hash: Hash | undefined;
  #begun = false;
  #over = false;

  constructor(parts: RelayParts) {
    this.#parts = parts;
  }

  /** What it takes comes from there. */
  takeFrom(source: Asking): void {
    this.#source = source;
  }

  /** Stops the upstream; nothing more is heard of it. */
  stop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#decoder?.destroy();
    this.#source?.abort();
  }

  onHead(status: number, reason: string, fields: ResponseFields): void {
    if (this.#over) return;
    const { exchange, isHead, notModified, keeps } = this.#parts;
    if (status === 304 && notModified(fields)) {
      this.#over = true;
      return;
    }
    const hasBody = !isHead && status !== 204 && status !== 304;
    const coding = hasBody ? codingOf(fields['content-encoding']) : 'identity';
    // A part of a coded body cannot be decoded alone, nor judged.
    if (coding === undefined || (status === 206 && coding !== 'identity')) {
      return this.#cut();
    }
    this.#status = status;
    this.#statusText = reason;
    this.#fields = fields;
    this.#coding = coding;
    this.#validators = validatorsOf(fields);
    exchange.note({ status, verdict: 'allowed', ...this.#validators });
    this.#keepable = hasBody ? keeps(status, fields) : 0;
    if (this.#keepable > 0) this.#kept = [];

    if (String(fields['content-type'] ?? '').startsWith('text/event-stream')) exchange.leaveOpen();
    const isSmall = Number(fields['content-length'] ?? Number.NaN) <= smallBytes;
    // Most answers of unknown length are here whole by the end of this turn, too.
    if (hasBody && !isSmall) process.nextTick(() => this.#stream());
  }

  onBody(chunk: Buffer): void {
    if (this.#over) return;
    if (this.#held !== undefined) this.#held.push(chunk);
    else this.#pass(chunk);
  }

  onEnd(): void {
    if (this.#over) return;
    if (this.#held !== undefined) return this.#endWhole(this.#held);
    if (this.#decoder !== undefined) this.#decoder.end();
    else this.#end(undefined);
  }

  onError(_error: Error, wasLost: boolean): void {
    if (this.#over) return;
    this.#over = true;
    this.#decoder?.destroy();
    this.#parts.failed(this.#begun, wasLost);
  }

  /** Stops holding back: what is here goes out, what comes follows piece by piece. */
  #stream(): void {
    const held = this.#held;
    this.#held = undefined;
    if (this.#over || held === undefined) return;
    for (const piece of held) this.#pass(piece);
    // Nothing to send yet, but the browser may act on the head.
    if (!this.#begun && this.#begin()) this.#parts.response.flushHeaders();
  }

  /** Writes the head, once; false when that is not possible. `length` is the body's, if it is known only now. */
  #begin(length?: number): boolean {
    if (this.#begun || this.#over) return this.#begun;
    const { response, kind, holdsRedirect } = this.#parts;
    const forBrowser = fieldsForBrowser(kind, this.#status, this.#fields);
    const held = holdsRedirect ? heldRedirect(this.#status, forBrowser) : forBrowser;
    const fields = answerFields(held, this.#coding !== 'identity');
    const isNews =
      length !== undefined && (this.#coding !== 'identity' || this.#fields['content-length'] === undefined);
    if (isNews) fields.push('content-length', String(length));
    try {
      response.writeHead(this.#status, this.#statusText, fields);
    } catch {
      // An upstream may send what Node refuses to write.
      this.#cut();
      return false;
    }
    this.#begun = true;
    return true;
  }

  /** A piece as it came, through the decoder if there is one. */
  #pass(chunk: Buffer): void {
    if (this.#coding === 'identity') return this.#deliver(chunk);
    this.#decoder ??= this.#startDecoder(this.#coding, chunk[0] ?? 0);
    if (this.#decoder.write(chunk)) return;
    this.#source?.pause();
    this.#decoder.once('drain', () => this.#source?.resume());
  }

  #startDecoder(coding: Exclude<Coding, 'identity'>, first: number): Transform {
    const decoder = createDecoder(coding, first);
    decoder.on('data', (piece: Buffer) => this.#deliver(piece));
    decoder.on('end', () => this.#end(undefined));
    decoder.on('error', () => this.#cut());
    return decoder;
  }

  /** A decoded piece to the browser. */
  #deliver(piece: Buffer): void {
    if (this.#over || !this.#begin()) return;
    const { response, exchange } = this.#parts;
    if (!exchange.spend(piece.byteLength)) return this.#cut();
    this.#hash ??= createHash('sha256');
    this.#hash.update(piece);
    this.#keepable -= piece.byteLength;
    if (this.#keepable < 0) this.#kept = undefined;
    this.#kept?.push(piece);
    if (response.write(piece)) return;
    const source = this.#decoder ?? this.#source;
    source?.pause();
    response.once('drain', () => source?.resume());
  }

  #endWhole(held: Buffer[]): void {
    const { exchange } = this.#parts;
    if (!this.#hasBody()) return this.#end(undefined);
    const only = held.length === 1 ? held[0] : undefined;
    const body = only ?? Buffer.concat(held);
    const plain = decodeNow(body, this.#coding, Math.min(exchange.bytesLeft(), smallDecodedBytes));
    if (plain === undefined) {
      this.#stream();
      this.#decoder?.end();
    } else if (exchange.spend(plain.byteLength)) {
      this.#end(plain);
    } else {
      this.#cut();
    }
  }

  /** `whole` is a body of which nothing has been written yet. */
  #end(whole: Buffer | undefined): void {
    if (this.#over || !this.#begin(whole?.byteLength)) return;
    this.#over = true;
    const { response, done } = this.#parts;
    response.end(whole);
    const bodyHash = whole === undefined ? this.#hash?.digest('base64url') : hash('sha256', whole, 'base64url');
    const body = this.#kept && (whole ?? Buffer.concat(this.#kept));
    done({ status: this.#status, fields: this.#fields, validators: this.#validators, bodyHash, body });
  }

  #hasBody(): boolean {
    return !this.#parts.isHead && this.#status !== 204 && this.#status !== 304;
  }

  /** Ends a begun answer so that the browser sees that it is not whole. */
  #cut(): void {
    if (this.#over) return;
    this.stop();
    this.#parts.failed(this.#begun, false);
  }
}
