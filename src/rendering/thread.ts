import { Worker } from 'node:worker_threads';
import { messageOf, RenderError } from '../errors.ts';
import type { Report } from '../events.ts';
import type { RenderEngineState } from '../render/render-engine.ts';
import { type Caller, createCaller } from './calls.ts';
import type { RenderingCalls, ThreadMessage } from './messages.ts';
import { plain } from './plain-data.ts';

/** One life of the rendering thread. */
export interface Thread {
  readonly call: Caller<RenderingCalls>['call'];
  /** A call of which nobody wants to know how it ended. */
  readonly tell: (...call: Parameters<Caller<RenderingCalls>['call']>) => void;
  /** As it was told last. */
  state(): RenderEngineState | undefined;
  /** Resolves with the reason when the thread is gone; whatever was called has been rejected with `crash` then. */
  readonly ended: Promise<string>;
  end(reason: string): Promise<void>;
}

/** Resolves once the thread can be called; rejects when it ends before. */
export async function openThread(file: URL, data: unknown, report: Report): Promise<Thread> {
  const worker = new Worker(file, { workerData: plain(data), name: 'rendering' });
  const ready = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<string>();
  const caller = createCaller<RenderingCalls>((question) => worker.postMessage(plain(question)));
  let state: RenderEngineState | undefined;

  worker.on('message', (message: ThreadMessage) => {
    switch (message.kind) {
      case 'ready':
        return ready.resolve();
      case 'state':
        state = message.state;
        return;
      case 'event':
        return report(message.event);
      default:
        return caller.take(message);
    }
  });

  function gone(reason: string): void {
    caller.fail(new RenderError('crash', `the rendering thread has ended: ${reason}`));
    ended.resolve(reason);
  }

  worker.once('error', (cause) => {
    ready.reject(cause);
    gone(messageOf(cause));
  });
  worker.once('exit', (code) => {
    ready.reject(new Error(`the rendering thread ended with ${code}`));
    gone(`it ended with ${code}`);
  });

  await ready.promise;
  return {
    call: caller.call,
    tell: (...call) => void caller.call(...call).catch(() => {}),
    state: () => state,
    ended: ended.promise,
    async end(reason) {
      gone(reason);
      await worker.terminate();
    },
  };
}
