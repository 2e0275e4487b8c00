import type { Socket } from 'node:net';
import type { EdgeResponse } from '../messages.ts';

interface Connection {
  /** The answer that was begun last. */
  answer: EdgeResponse | undefined;
  /** Several requests have been under way at once; which answer is being written now cannot be told from here. */
  pipelined: boolean;
}

/** The open connections and what is being answered on them. */
export class Connections {
  readonly #all = new Map<Socket, Connection>();

  add(socket: Socket): void {
    this.#all.set(socket, { answer: undefined, pipelined: false });
    socket.on('close', () => this.#all.delete(socket));
  }

  answering(socket: Socket, answer: EdgeResponse): void {
    const connection = this.#all.get(socket);
    if (connection === undefined) return;
    if (connection.answer !== undefined && !connection.answer.writableFinished) connection.pipelined = true;
    connection.answer = answer;
  }

  /** An answer that is still to come, or on its way, to a request that has come whole or will not be read to its end. */
  owedAnswer(socket: Socket): EdgeResponse | undefined {
    const answer = this.#all.get(socket)?.answer;
    const isUnderWay = answer !== undefined && !answer.writableFinished;
    return isUnderWay && (answer.req.complete || answer.writableEnded) ? answer : undefined;
  }

  /** Whether a raw answer may be written to the socket: in the middle of another one it would be read as part of that. */
  awaitsAnswer(socket: Socket): boolean {
    const connection = this.#all.get(socket);
    if (connection === undefined || connection.pipelined || !socket.writable) return false;
    const { answer } = connection;
    if (answer === undefined) return true;
    return answer.writableFinished ? answer.shouldKeepAlive : !answer.headersSent;
  }

  /** Every answer will end its connection: one that has not begun says so, after one that has told otherwise it is ended all the same. */
  endAfterAnswers(): void {
    for (const [socket, connection] of this.#all) {
      const { answer } = connection;
      if (answer === undefined || answer.writableFinished) continue;
      if (!answer.headersSent) answer.shouldKeepAlive = false;
      // One that comes behind it in the pipeline has been told to end the connection itself.
      else answer.once('finish', () => connection.answer === answer && socket.destroySoon());
    }
  }

  /** Nothing is owed on these; a request that is still being read, or an answer that still waits in the socket, keeps a connection. */
  closeIdle(): void {
    for (const [socket, { answer }] of this.#all) {
      const isAnswered = answer?.writableFinished === true && answer.req.complete;
      if (isAnswered || socket.bytesRead === 0) socket.destroy();
    }
  }

  /** The socket carries something else than answers from here on. */
  handOver(socket: Socket): void {
    const connection = this.#all.get(socket);
    if (connection !== undefined) connection.answer = undefined;
  }

  destroyAll(): void {
    for (const socket of this.#all.keys()) socket.destroy();
  }

  get size(): number {
    return this.#all.size;
  }
}
