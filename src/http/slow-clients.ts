import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

export interface SlowClientSettings {
  /** What an upload must bring on average over {@link uploadGraceMs}. */
  readonly minUploadBytesPerSecond: number;
  readonly uploadGraceMs: number;
  /** How long a client may leave everything that is sent to it unread. */
  readonly sendTimeoutMs: number;
}

/** Where a count of bytes stood, and when. */
interface Mark {
  bytes: number;
  sinceMs: number;
}

/**
 * Finds the clients that hold a connection without using it. There is no total limit for a body: an honest upload of an hour is
 * welcome, a byte every ten seconds is not. Nothing is measured per request; the sockets' own counters are compared now and then.
 */
export class SlowClients {
  readonly #settings: SlowClientSettings;
  readonly #readers = new Map<Socket, Mark>();
  readonly #uploads = new Map<IncomingMessage, Mark>();

  constructor(settings: SlowClientSettings) {
    this.#settings = settings;
  }

  watchConnection(socket: Socket, nowMs: number): void {
    this.#readers.set(socket, { bytes: 0, sinceMs: nowMs });
    socket.on('close', () => this.#readers.delete(socket));
  }

  watchUpload(request: IncomingMessage, nowMs: number): void {
    this.#uploads.set(request, { bytes: request.socket.bytesRead, sinceMs: nowMs });
    request.on('close', () => this.#uploads.delete(request));
  }

  /** Uploads that come too slowly. */
  slowUploads(nowMs: number): IncomingMessage[] {
    const slow: IncomingMessage[] = [];
    for (const [request, mark] of this.#uploads) if (this.#isTooSlow(request, mark, nowMs)) slow.push(request);
    return slow;
  }

  /** Clients that take nothing of what waits for them. */
  stuckReaders(nowMs: number): Socket[] {
    const stuck: Socket[] = [];
    for (const [socket, mark] of this.#readers) if (this.#isStuck(socket, mark, nowMs)) stuck.push(socket);
    return stuck;
  }

  #isTooSlow(request: IncomingMessage, mark: Mark, nowMs: number): boolean {
    const { minUploadBytesPerSecond, uploadGraceMs } = this.#settings;
    const elapsedMs = nowMs - mark.sinceMs;
    // What lies here unread is for us to take, not for the client to send.
    const isOurTurn = request.readableLength > 0;
    if (request.complete || (!isOurTurn && elapsedMs < uploadGraceMs)) return false;
    const bytes = request.socket.bytesRead - mark.bytes;
    mark.bytes += bytes;
    mark.sinceMs = nowMs;
    return !isOurTurn && bytes < (minUploadBytesPerSecond * elapsedMs) / 1000;
  }

  #isStuck(socket: Socket, mark: Mark, nowMs: number): boolean {
    const bytes = socket.bytesWritten - socket.writableLength;
    if (socket.writableLength > 0 && bytes === mark.bytes) return nowMs - mark.sinceMs >= this.#settings.sendTimeoutMs;
    mark.bytes = bytes;
    mark.sinceMs = nowMs;
    return false;
  }
}
