import { messageOf, RenderError, type RenderFailure } from '../errors.ts';

// Functions called from one thread to another: what goes over the port, and both its ends.

/** Each takes one value and gives one; both can be cloned. */
export type Calls = Readonly<Record<string, (argument: never, signal: AbortSignal) => Promise<unknown>>>;

type Argument<C extends Calls, Name extends keyof C> = Parameters<C[Name]>[0];
type Result<C extends Calls, Name extends keyof C> = Awaited<ReturnType<C[Name]>>;

export type Question =
  | { readonly kind: 'call'; readonly id: number; readonly name: string; readonly argument: unknown }
  | { readonly kind: 'abort'; readonly id: number };

export type Reply =
  | { readonly kind: 'done'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: Failure };

/** An error as it is sent: a clone of one has lost its class. */
interface Failure {
  readonly code: RenderFailure | undefined;
  readonly message: string;
}

export interface Caller<C extends Calls> {
  /** An aborted signal is told to the other side, which ends the call in its own way. */
  call<Name extends keyof C & string>(
    name: Name,
    argument: Argument<C, Name>,
    signal?: AbortSignal,
  ): Promise<Result<C, Name>>;
  take(reply: Reply): void;
  /** Rejects what is under way and whatever is called from now on: the other side is gone. */
  fail(cause: Error): void;
}

export function createCaller<C extends Calls>(post: (question: Question) => void): Caller<C> {
  const open = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  let failed: Error | undefined;

  return {
    async call(name, argument, signal) {
      if (failed !== undefined) throw failed;
      const id = ++lastId;
      const answer = Promise.withResolvers<unknown>();
      const abort = () => post({ kind: 'abort', id });
      open.set(id, answer);
      try {
        post({ kind: 'call', id, name, argument });
        if (signal?.aborted) abort();
        signal?.addEventListener('abort', abort, { once: true });
        return (await answer.promise) as never;
      } finally {
        open.delete(id);
        signal?.removeEventListener('abort', abort);
      }
    },
    take(reply) {
      const answer = open.get(reply.id);
      if (reply.kind === 'done') answer?.resolve(reply.result);
      else answer?.reject(errorOf(reply.failure));
    },
    fail(cause) {
      failed = cause;
      for (const answer of open.values()) answer.reject(cause);
    },
  };
}

/** Carries out what is asked, and posts how it ended. */
export function createAnswerer(calls: Calls, post: (reply: Reply) => void): (question: Question) => void {
  const open = new Map<number, AbortController>();

  async function answer(id: number, name: string, argument: unknown): Promise<void> {
    const over = new AbortController();
    open.set(id, over);
    try {
      const call = calls[name];
      if (call === undefined) throw new Error(`there is no ${name} to call`);
      post({ kind: 'done', id, result: await call(argument as never, over.signal) });
    } catch (cause) {
      post({ kind: 'failed', id, failure: failureOf(cause) });
    } finally {
      open.delete(id);
    }
  }

  return (question) => {
    if (question.kind === 'abort') open.get(question.id)?.abort();
    else void answer(question.id, question.name, question.argument);
  };
}

function failureOf(cause: unknown): Failure {
  return { code: cause instanceof RenderError ? cause.code : undefined, message: messageOf(cause) };
}

function errorOf({ code, message }: Failure): Error {
  return code === undefined ? new Error(message) : new RenderError(code, message);
}
