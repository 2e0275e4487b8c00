import { createHash, type Hash, hash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Transform } from 'node:stream';
import type { Dispatcher } from 'undici';
import { type Coding, codingOf, createDecoder, decodeNow } from './decoding.ts';
import { answerFields } from './fields.ts';
import { cacheControl, type ResponseFields } from './http-freshness.ts';
import type { Exchange } from './traffic.ts';

/** Bodies up to this size, known beforehand, are answered in one piece. */
const smallBytes = 64 * 1024;
const smallDecodedBytes = 1024 * 1024;

export interface RelayParts {
  readonly response: ServerResponse;
  readonly exchange: Exchange;
  readonly isHead: boolean;
  /** Called for 304: true when it was an answer to our own question and has been dealt with. */
  readonly notModified: (fields: ResponseFields) => boolean;
  /** Up to how many bytes the body is worth keeping; called once, with the head of the answer. */
  readonly keeps: (status: number, fields: ResponseFields) => number;
  /** The whole answer has gone to the browser. `body` is there only when it is to be kept. */
  readonly done: (answer: RelayedAnswer) => void;
  /** It did not end well; `begun` says that the browser has seen a part of it. */
  readonly failed: (error: Error, begun: boolean) => void;
}

export interface RelayedAnswer {
  readonly status: number;
  readonly fields: ResponseFields;
  readonly bodyHash: string | undefined;
  readonly body: Buffer | undefined;
}

/** Takes one upstream answer to the browser: decoded, counted, hashed, and never faster than the browser reads. */
export class Relay implements Dispatcher.DispatchHandler {
  readonly #parts: RelayParts;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #statusText = '';
  #fields: ResponseFields = {};
  #coding: Coding = 'identity';
  #decoder: Transform | undefined;
  /** Pieces of a small body, held back until it is whole. */
  #held: Buffer[] | undefined;
  /** Pieces of a body that is to be kept. */
  #kept: Buffer[] | undefined;
  #keepable = 0;
  #hash: Hash | undefined;
  #begun = false;
  #over = false;

  constructor(parts: RelayParts) {
    this.#parts = parts;
  }

  /** Stops the upstream; nothing more is heard of it. */
  stop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#decoder?.destroy();
    this.#controller?.abort(new Error('not wanted any more'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#over) controller.abort(new Error('not wanted any more'));
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    fields: ResponseFields,
    statusText?: string,
  ): void {
    if (status < 200 || this.#over) return;
    const { exchange, isHead, notModified, keeps } = this.#parts;
    if (status === 304 && notModified(fields)) {
      this.#over = true;
      return;
    }
    const hasBody = !isHead && status !== 204 && status !== 304;
    const coding = hasBody ? codingOf(fields['content-encoding']) : 'identity';
    // A part of a coded body cannot be decoded alone, nor judged.
    if (coding === undefined || (status === 206 && coding !== 'identity')) {
      return controller.abort(new Error('answered in a coding that was not asked for'));
    }
    this.#status = status;
    this.#statusText = statusText ?? '';
    this.#fields = fields;
    this.#coding = coding;
    exchange.note({ status, verdict: 'allowed', ...validatorsOf(fields) });
    this.#keepable = hasBody ? keeps(status, fields) : 0;
    if (this.#keepable > 0) this.#kept = [];

    const isStream = String(fields['content-type'] ?? '').startsWith('text/event-stream');
    if (isStream) exchange.leaveOpen();
    const length = Number(fields['content-length'] ?? Number.NaN);
    if (!hasBody || (length <= smallBytes && !isStream)) this.#held = [];
    // The head goes with the first piece of the body if that is here already, and alone if it is not.
    else process.nextTick(() => this.#begin(true));
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#over) return;
    if (this.#held !== undefined) this.#held.push(chunk);
    else this.#pass(chunk);
  }

  onResponseEnd(): void {
    if (this.#over) return;
    if (this.#held !== undefined) return this.#endSmall(this.#held);
    if (this.#decoder !== undefined) this.#decoder.end();
    else this.#end(undefined);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#decoder?.destroy();
    this.#parts.failed(error, this.#begun);
  }

  /** Writes the head, once; false when that is not possible. */
  #begin(alone: boolean): boolean {
    if (this.#begun || this.#over) return this.#begun;
    const { response } = this.#parts;
    try {
      response.writeHead(this.#status, this.#statusText, answerFields(this.#fields, this.#coding !== 'identity'));
    } catch (cause) {
      // An upstream may send what Node refuses to write.
      this.#cut(cause instanceof Error ? cause : new Error(String(cause)));
      return false;
    }
    this.#begun = true;
    if (alone) response.flushHeaders();
    return true;
  }

  /** A piece as it came, through the decoder if there is one. */
  #pass(chunk: Buffer): void {
    if (this.#coding === 'identity') return this.#deliver(chunk);
    this.#decoder ??= this.#startDecoder(this.#coding, chunk[0] ?? 0);
    if (this.#decoder.write(chunk)) return;
    this.#controller?.pause();
    this.#decoder.once('drain', () => this.#controller?.resume());
  }

  #startDecoder(coding: Exclude<Coding, 'identity'>, first: number): Transform {
    const decoder = createDecoder(coding, first);
    decoder.on('data', (piece: Buffer) => this.#deliver(piece));
    decoder.on('end', () => this.#end(undefined));
    decoder.on('error', (error) => this.#cut(error));
    return decoder;
  }

  /** A decoded piece to the browser. */
  #deliver(piece: Buffer): void {
    if (this.#over || !this.#begin(false)) return;
    const { response, exchange } = this.#parts;
    if (!exchange.spend(piece.byteLength)) return this.#cut(new Error('the render has used up its bytes'));
    this.#hash ??= createHash('sha256');
    this.#hash.update(piece);
    this.#keepable -= piece.byteLength;
    if (this.#keepable < 0) this.#kept = undefined;
    this.#kept?.push(piece);
    if (response.write(piece)) return;
    const source = this.#decoder ?? this.#controller;
    source?.pause();
    response.once('drain', () => source?.resume());
  }

  #endSmall(held: Buffer[]): void {
    const { exchange } = this.#parts;
    const only = held.length === 1 ? held[0] : undefined;
    const body = only ?? Buffer.concat(held);
    const plain =
      body.byteLength === 0 ? body : decodeNow(body, this.#coding, Math.min(exchange.bytesLeft(), smallDecodedBytes));
    if (plain === undefined) {
      this.#pass(body);
      this.#decoder?.end();
      return;
    }
    if (!exchange.spend(plain.byteLength)) return this.#cut(new Error('the render has used up its bytes'));
    this.#end(plain);
  }

  /** `whole` is a body of which nothing has been written yet. */
  #end(whole: Buffer | undefined): void {
    if (this.#over || !this.#begin(false)) return;
    this.#over = true;
    const { response, isHead, done } = this.#parts;
    const hasBody = !isHead && this.#status !== 204 && this.#status !== 304;
    response.end(hasBody ? whole : undefined);
    const bodyHash = whole === undefined ? this.#hash?.digest('base64url') : hash('sha256', whole, 'base64url');
    const body = this.#kept && (whole ?? Buffer.concat(this.#kept));
    done({ status: this.#status, fields: this.#fields, bodyHash: hasBody ? bodyHash : undefined, body });
  }

  /** Ends a begun answer so that the browser sees that it is not whole. */
  #cut(error: Error): void {
    if (this.#over) return;
    this.stop();
    this.#parts.failed(error, this.#begun);
  }
}

/** The fields by which an input is recognised later. */
export function validatorsOf(fields: ResponseFields): { etag?: string; lastModified?: string; noStore?: boolean } {
  const etag = fields.etag;
  const lastModified = fields['last-modified'];
  return {
    ...(typeof etag === 'string' ? { etag } : {}),
    ...(typeof lastModified === 'string' ? { lastModified } : {}),
    ...(cacheControl(fields['cache-control']).has('no-store') ? { noStore: true } : {}),
  };
}
