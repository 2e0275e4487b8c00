/** Follows a stream of WebSocket frames (RFC 6455 §5.2) far enough to know where one ends and the next begins. */
export class FrameBoundary {
  readonly #head = Buffer.alloc(14);
  #headBytes = 0;
  #payloadLeft = 0;

  /** No frame is under way: another one may be put in here. */
  get reached(): boolean {
    return this.#headBytes === 0 && this.#payloadLeft === 0;
  }

  /** Takes a piece of the stream, up to the end of the present frame at most; tells how many bytes that was. */
  advance(chunk: Uint8Array): number {
    let at = 0;
    while (this.#payloadLeft === 0 && at < chunk.length) {
      this.#head[this.#headBytes] = chunk[at] ?? 0;
      this.#headBytes += 1;
      at += 1;
      if (this.#headBytes < this.#headLength()) continue;
      this.#payloadLeft = this.#payloadLength();
      this.#headBytes = 0;
      if (this.#payloadLeft === 0) return at;
    }
    const taken = Math.min(this.#payloadLeft, chunk.length - at);
    this.#payloadLeft -= taken;
    return at + taken;
  }

  #headLength(): number {
    if (this.#headBytes < 2) return 2;
    const second = this.#head.readUInt8(1);
    const length = second & 0x7f;
    return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + (second & 0x80 ? 4 : 0);
  }

  #payloadLength(): number {
    const length = this.#head.readUInt8(1) & 0x7f;
    if (length === 126) return this.#head.readUInt16BE(2);
    if (length === 127) return Number(this.#head.readBigUInt64BE(2));
    return length;
  }
}
