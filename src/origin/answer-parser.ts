import { AnswerError, type AnswerHead, type Framing, parseFields, parseHead } from './answer-head.ts';

/** Whoever takes the parts of an answer, in their order. */
export interface AnswerSink {
  /** Informational heads may come before the one that counts. */
  onHead(head: AnswerHead): void;
  /** The bytes are the sink's only until it returns. */
  onBody(chunk: Buffer): void;
  onEnd(trailers: readonly string[]): void;
}

type State = 'head' | 'sized' | 'until-close' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailers' | 'done';

/**
 * Reads one answer after another from a connection. It knows strict HTTP/1.1 and nothing else (RFC 9112): whatever could be framed in two
 * ways is an error, since the bytes after it would be taken for the answer to somebody else's request. The characters of fields are left to
 * Node's own check when the head is written.
 */
export class AnswerParser {
  readonly #sink: AnswerSink;
  readonly #maxHeadBytes: number;
  #state: State = 'done';
  #isHead = false;
  /** Bytes of a head, a chunk size or trailers that are not whole yet. */
  #partial: Buffer | undefined;
  /** Of the sized body or the present chunk. */
  #left = 0;

  constructor(sink: AnswerSink, maxHeadBytes: number) {
    this.#sink = sink;
    this.#maxHeadBytes = maxHeadBytes;
  }

  /** Expects the answer to a request. */
  begin(method: string): void {
    this.#state = 'head';
    this.#isHead = method === 'HEAD';
    this.#partial = undefined;
  }

  /** The head is still to come. */
  get awaitsHead(): boolean {
    return this.#state === 'head';
  }

  /** Takes what has come, and keeps none of it. Throws an {@link AnswerError}; then nothing more can be read from this connection. */
  push(chunk: Buffer): void {
    let rest: Buffer | undefined = chunk;
    while (rest !== undefined && rest.length > 0) rest = this.#step(rest);
  }

  /** The connection has ended; says whether the answer is whole. */
  end(): boolean {
    if (this.#state !== 'until-close') return false;
    this.#done([]);
    return true;
  }

  /** Reads one piece and gives back what is behind it. */
  #step(chunk: Buffer): Buffer | undefined {
    switch (this.#state) {
      case 'head':
        return this.#readHead(chunk);
      case 'sized':
      case 'chunk':
        return this.#readCounted(chunk);
      case 'until-close':
        this.#sink.onBody(chunk);
        return undefined;
      case 'chunk-size':
        return this.#readChunkSize(chunk);
      case 'chunk-end':
        return this.#readChunkEnd(chunk);
      case 'trailers':
        return this.#readTrailers(chunk);
      case 'done':
        throw new AnswerError('bytes behind the end of an answer');
    }
  }

  #readHead(chunk: Buffer): Buffer | undefined {
    const bytes = this.#withPartial(chunk);
    const end = bytes.indexOf(blankLine);
    if (end < 0) return this.#keep(bytes);
    if (end > this.#maxHeadBytes) throw new AnswerError('the head is too large');
    const head = parseHead(bytes.toString('latin1', 0, end + 2), this.#isHead);
    const rest = bytes.subarray(end + 4);
    if (head.status >= 200) this.#beginBody(head.framing);
    this.#sink.onHead(head);
    if (this.#left === 0 && this.#state === 'sized') this.#done([]);
    return rest;
  }

  #beginBody(framing: Framing): void {
    this.#left = 0;
    if (framing === 'chunked') this.#state = 'chunk-size';
    else if (framing === 'until-close') this.#state = 'until-close';
    else {
      this.#state = 'sized';
      this.#left = framing;
    }
  }

  #readCounted(chunk: Buffer): Buffer | undefined {
    const mine = chunk.length <= this.#left ? chunk : chunk.subarray(0, this.#left);
    this.#left -= mine.length;
    this.#sink.onBody(mine);
    if (this.#left === 0) {
      if (this.#state === 'chunk') this.#state = 'chunk-end';
      else this.#done([]);
    }
    return mine.length < chunk.length ? chunk.subarray(mine.length) : undefined;
  }

  #readChunkSize(chunk: Buffer): Buffer | undefined {
    const bytes = this.#withPartial(chunk);
    const end = bytes.indexOf(lineEnd);
    if (end < 0) return this.#keep(bytes);
    const size = chunkSize.exec(bytes.toString('latin1', 0, end))?.[1];
    if (size === undefined) throw new AnswerError('a chunk size that is none');
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left === 0 ? 'trailers' : 'chunk';
    return bytes.subarray(end + 2);
  }

  #readChunkEnd(chunk: Buffer): Buffer | undefined {
    const bytes = this.#withPartial(chunk);
    if (bytes.length < 2) return this.#keep(bytes);
    if (bytes[0] !== 13 || bytes[1] !== 10) throw new AnswerError('a chunk that is longer than its size');
    this.#state = 'chunk-size';
    return bytes.subarray(2);
  }

  #readTrailers(chunk: Buffer): Buffer | undefined {
    const bytes = this.#withPartial(chunk);
    if (bytes[0] === 13 && bytes[1] === 10) {
      this.#done([]);
      return bytes.subarray(2);
    }
    const end = bytes.indexOf(blankLine);
    if (end < 0) return this.#keep(bytes);
    this.#done(parseFields(bytes.toString('latin1', 0, end + 2), 0).fields);
    return bytes.subarray(end + 4);
  }

  #done(trailers: readonly string[]): void {
    this.#state = 'done';
    this.#sink.onEnd(trailers);
  }

  #withPartial(chunk: Buffer): Buffer {
    if (this.#partial === undefined) return chunk;
    const bytes = Buffer.concat([this.#partial, chunk]);
    this.#partial = undefined;
    return bytes;
  }

  #keep(bytes: Buffer): undefined {
    if (bytes.length > this.#maxHeadBytes) throw new AnswerError('a head, chunk size or trailer is too large');
    this.#partial = Buffer.from(bytes);
  }
}

const blankLine = Buffer.from('\r\n\r\n');
const lineEnd = Buffer.from('\r\n');
/** At most 2^52 bytes; extensions say nothing to us, and a bare line end among them is not one. */
const chunkSize = /^([0-9a-f]{1,13})(?:[ \t]*;[^\r\n]*)?$/i;
