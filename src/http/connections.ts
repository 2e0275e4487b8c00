import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

interface Connection {
  /** The answer that was begun last. */
  answer: ServerResponse | undefined;
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

  answering(socket: Socket, answer: ServerResponse): void {
    const connection = this.#all.get(socket);
    if (connection === undefined) return;
    if (connection.answer !== undefined && !connection.answer.writableFinished) connection.pipelined = true;
    connection.answer = answer;
  }

  /** Whether a raw answer may be written to the socket: in the middle of another one it would be read as part of that. */
  awaitsAnswer(socket: Socket): boolean {
    const connection = this.#all.get(socket);
    if (connection === undefined || connection.pipelined || !socket.writable) return false;
    const { answer } = connection;
    return answer === undefined || answer.writableFinished || !answer.headersSent;
  }

  /** Answers that have not begun will end their connection. */
  endAfterAnswers(): void {
    for (const { answer } of this.#all.values())
      if (answer !== undefined && !answer.headersSent) answer.shouldKeepAlive = false;
  }

  destroyAll(): void {
    for (const socket of this.#all.keys()) socket.destroy();
  }

  get size(): number {
    return this.#all.size;
  }
}
