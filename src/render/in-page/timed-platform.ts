import type { Account } from './account.ts';
import type { AnyFunction, Natives, PageWindow } from './natives.ts';
import type { Scheduler } from './scheduler.ts';

/** Timers of the platform's own follow the page's clock: `AbortSignal.timeout`, `scheduler.postTask`. Self-contained: runs inside the page. */
export function timePlatform(window: PageWindow, natives: Natives, scheduler: Scheduler, account: Account): void {
  const { AbortController, DOMException } = window;
  const Pledge = Promise;

  natives.replace(window.AbortSignal, 'timeout', (native, self, given) => {
    const ms = Number(given[0]);
    if (!(ms >= 0)) return natives.apply(native, self, given);
    const controller = new AbortController();
    scheduler.after(ms, () => controller.abort(new DOMException('signal timed out', 'TimeoutError')));
    return controller.signal;
  });

  const tasks = (window as unknown as { Scheduler?: { prototype: object } }).Scheduler?.prototype;
  natives.replace(tasks, 'postTask', (native, self, asked) => {
    const callback = asked[0];
    const options = asked[1];
    const { delay, ...rest } = (options ?? {}) as { delay?: number; signal?: AbortSignal };
    if (typeof callback !== 'function') return natives.apply(native, self, [callback, options]);
    const post = () => {
      const end = account.begin('task', 'scheduler.postTask');
      const run = (...given: unknown[]) => {
        end();
        return natives.apply(callback as AnyFunction, undefined, given);
      };
      const posted = natives.apply(native, self, [run, rest]);
      natives.follow(posted, end);
      return posted;
    };
    if (!((delay ?? 0) > 0)) return post();
    return new Pledge((resolve, reject) => {
      const { signal } = rest;
      if (signal?.aborted) return reject(signal.reason);
      const forget = scheduler.after(delay as number, () => resolve(post()));
      if (signal) {
        natives.listen(signal, ['abort'], () => {
          forget();
          reject(signal.reason);
        });
      }
    });
  });
  natives.replace(tasks, 'yield', (native, self, given) =>
    account.during('task', 'scheduler.yield', natives.apply(native, self, given)),
  );
}
