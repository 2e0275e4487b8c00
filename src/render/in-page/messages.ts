import type { Account } from './account.ts';
import type { AnyFunction, Natives, PageWindow } from './natives.ts';

/**
 * Messages are tasks that nobody announces: each is noted as activity, and a worker that was made or asked is waited for until
 * it says something. Self-contained: runs inside the page.
 */
export function noteMessages(window: PageWindow, natives: Natives, account: Account): void {
  const awaited = natives.weakMap<object, () => void>();
  const labels = natives.weakMap<object, string>();

  function awaitAnswer(worker: object) {
    if (awaited.has(worker)) return;
    awaited.set(worker, account.begin('worker', labels.get(worker) ?? ''));
  }
  function answered(worker: object) {
    awaited.get(worker)?.();
    awaited.delete(worker);
    account.touch();
  }

  natives.replaceClass(window, 'Worker', (worker, given) => {
    labels.set(worker, String(given[0]));
    natives.listen(worker, ['message', 'messageerror', 'error'], () => answered(worker));
    awaitAnswer(worker);
  });
  natives.replace(window.Worker?.prototype, 'postMessage', (native, self, given) => {
    const result = natives.apply(native, self, given);
    awaitAnswer(self as object);
    return result;
  });
  natives.replace(window.Worker?.prototype, 'terminate', (native, self, given) => {
    answered(self as object);
    return natives.apply(native, self, given);
  });
  natives.replaceClass(window, 'SharedWorker', (worker, given) => {
    labels.set(worker, String(given[0]));
    natives.listen((worker as SharedWorker).port, ['message'], () => answered(worker));
    natives.listen(worker, ['error'], () => answered(worker));
    awaitAnswer(worker);
  });

  for (const name of ['WebSocket', 'EventSource']) {
    natives.replaceClass(window, name, (channel) => natives.listen(channel, ['message'], () => account.answered()));
  }

  const noted = (native: AnyFunction, self: unknown, given: unknown[]) => {
    account.touch();
    return natives.apply(native, self, given);
  };
  natives.replace(window.MessagePort?.prototype, 'postMessage', noted);
  natives.replace(window.BroadcastChannel?.prototype, 'postMessage', noted);
  natives.replace(window, 'postMessage', noted);
}
