import { Worker } from 'node:worker_threads';
import type { Clock } from '../clock.ts';
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

const startMs = 30_000;

/** Resolves once the thread can be called; rejects when it ends before, or takes too long for it. */
export async function openThread(
  file: URL,
  data: unknown,
  { clock, report }: { readonly clock: Clock; readonly report: Report },
): Promise<Thread> {
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
    ready.reject(new RenderError('no-browser', `the rendering thread does not start: ${reason}`));
    ended.resolve(reason);
  }

  async function end(reason: string): Promise<void> {
    gone(reason);
    await worker.terminate();
  }

  worker.on('error', (cause) => gone(messageOf(cause)));
  // An answer that cannot be read leaves its caller waiting.
  worker.on('messageerror', (cause) => void end(messageOf(cause)));
  worker.on('exit', (code) => gone(`exit code ${code}`));

  const cancel = clock.after(startMs, () => void end(`not ready within ${startMs} ms`));
  await ready.promise.finally(cancel);
  return {
    call: caller.call,
    tell: (...call) => void caller.call(...call).catch(() => {}),
    state: () => state,
    ended: ended.promise,
    end,
  };
}
