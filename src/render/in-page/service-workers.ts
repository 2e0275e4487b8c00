import type { Account } from './account.ts';
import type { Natives, PageWindow } from './natives.ts';

/**
 * A page may draw only after its service worker is ready or in control. Both are hoped for, and only once one has been
 * registered: without that they never come, as they never would. Self-contained: runs inside the page.
 */
export function hopeForServiceWorker(window: PageWindow, natives: Natives, account: Account): void {
  const prototype = window.ServiceWorkerContainer?.prototype;
  let registered = false;
  const asked = natives.list<() => void>();
  const hopes = natives.list<() => void>();

  function hope(label: string, wait: (end: () => void) => void) {
    const begin = () => {
      const end = account.begin('hope', label);
      hopes.push(end);
      wait(end);
    };
    if (registered) begin();
    else asked.push(begin);
  }

  natives.replace(prototype, 'register', (native, self, given) => {
    registered = true;
    for (const begin of asked.splice(0)) begin();
    const registration = natives.apply(native, self, given) as Promise<unknown>;
    account.during('work', 'serviceWorker.register', registration);
    natives.followFailure(registration, () => {
      for (const end of hopes) end();
    });
    return registration;
  });
  natives.replaceGetter(prototype, 'ready', (native, self) => {
    const ready = natives.apply(native, self, []);
    hope('service worker ready', (end) => natives.follow(ready, end));
    return ready;
  });
  natives.replaceGetter(prototype, 'controller', (native, self) => {
    const controller = natives.apply(native, self, []);
    if (!controller) hope('service worker in control', (end) => natives.listen(self, ['controllerchange'], end));
    return controller;
  });
}
