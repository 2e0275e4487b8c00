import type { Dispatcher } from 'undici';
import type { AnswerTaker, Asking, HttpClient } from '../origin/client.ts';

/** Asks by undici. */
export function dispatched(dispatcher: Dispatcher): HttpClient {
  return {
    ask({ method, path, fields: headers, body }, taker) {
      const question = new Question(taker);
      dispatcher.dispatch({ method: method as Dispatcher.HttpMethod, path, headers, body }, question);
      return question;
    },
  };
}

class Question implements Asking, Dispatcher.DispatchHandler {
  readonly #taker: AnswerTaker;
  #controller: Dispatcher.DispatchController | undefined;
  #isOver = false;

  constructor(taker: AnswerTaker) {
    this.#taker = taker;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isOver) controller.abort(unwanted());
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    fields: Record<string, string | string[] | undefined>,
    reason?: string,
  ): void {
    if (status >= 200 && !this.#isOver) this.#taker.onHead(status, reason ?? '', fields);
  }

  onResponseData(_controller: Dispatcher.DispatchController, piece: Buffer): void {
    if (!this.#isOver) this.#taker.onBody(piece);
  }

  onResponseEnd(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#taker.onEnd();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#taker.onError(error, isLostConnection(error));
  }

  pause(): void {
    if (!this.#isOver) this.#controller?.pause();
  }

  resume(): void {
    if (!this.#isOver) this.#controller?.resume();
  }

  abort(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#controller?.abort(unwanted());
  }
}

const unwanted = () => new Error('not wanted any more');

function isLostConnection(error: Error): boolean {
  const code = 'code' in error ? error.code : undefined;
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET';
}
