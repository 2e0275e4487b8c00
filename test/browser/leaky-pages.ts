import type { Pages } from './render-fixture.ts';
import { html } from './render-fixture.ts';

/**
 * Pages that first tell what they find in every kind of storage and then leave their own mark in it. What a page finds must
 * be nothing, whatever was in the tab before.
 */
export const leakyPages: Pages = (request, response) => {
  const url = new URL(request.url ?? '/', 'https://shop.example');
  const send = (type: string, body: string, status = 200) => {
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
    response.end(body);
  };
  switch (url.pathname) {
    case '/stores.js':
      return send('text/javascript', `(${stores})()`);
    case '/sw.js':
      return send('text/javascript', serviceWorker);
    case '/shared.js':
      return send('text/javascript', sharedWorker);
    case '/busy.js':
      return send('text/javascript', busyWorker);
    case '/frame':
      return send('text/html', html('<script src="/stores.js"></script>'));
    case '/auth': {
      if (request.headers.authorization) return send('text/plain', request.headers.authorization);
      response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' });
      return response.end();
    }
    default: {
      const cookie = request.headers.cookie ?? '';
      const id = url.searchParams.get('id') ?? '';
      return send(
        'text/html',
        html(`<pre id="sent">${cookie}</pre><script src="/stores.js" data-id="${id}"></script>`),
      );
    }
  }
};

const serviceWorker = `
  addEventListener('install', () => skipWaiting());
  addEventListener('activate', (event) => event.waitUntil(clients.claim()));
  addEventListener('fetch', (event) => {
    if (event.request.mode === 'navigate')
      event.respondWith(new Response('<pre id="found">["service worker answered"]</pre>', { headers: { 'content-type': 'text/html' } }));
  });`;

const sharedWorker = `
  let kept = '';
  onconnect = ({ ports: [port] }) => {
    port.onmessage = ({ data }) => { port.postMessage(kept); kept = data; };
  };`;

/** Goes on writing for as long as it lives. */
const busyWorker = `
  onmessage = ({ data }) => {
    const open = indexedDB.open('busy');
    open.onupgradeneeded = () => open.result.createObjectStore('s');
    open.onsuccess = () => {
      let n = 0;
      const again = () => {
        const write = open.result.transaction('s', 'readwrite');
        write.objectStore('s').put(data + n++, 'k');
        write.oncomplete = again;
      };
      again();
    };
  };`;

/** Runs in the page, and in a frame of another site in it. */
function stores(): void {
  const id = document.currentScript?.dataset.id ?? `frame-${location.search}`;
  const isTop = window === top;
  const found: string[] = [];
  const note = (where: string, what: unknown) => {
    if (what !== undefined && what !== null && what !== '' && what !== 0)
      found.push(`${where}: ${JSON.stringify(what)}`);
  };
  const request = <T>(asked: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });

  async function look(): Promise<void> {
    note('cookie', document.cookie);
    note('sent cookie', document.getElementById('sent')?.textContent);
    note('localStorage', { ...localStorage }.mark);
    note('sessionStorage', { ...sessionStorage }.mark);
    if (isTop) note('window.name', window.name);
    note('history.state', history.state);
    if (isTop && history.length > 2) note('history.length', history.length);
    note('indexedDB', (await indexedDB.databases()).map(({ name }) => name).join());
    note('caches', (await caches.keys()).join());
    note('service workers', (await navigator.serviceWorker.getRegistrations()).length);
    note('controller', navigator.serviceWorker.controller?.scriptURL);
    const root = await navigator.storage.getDirectory();
    for await (const name of (root as unknown as { keys(): AsyncIterable<string> }).keys()) note('file', name);
    const buckets = (navigator as unknown as { storageBuckets?: { keys(): Promise<string[]> } }).storageBuckets;
    note('buckets', (await buckets?.keys())?.join());
    note(
      'permission',
      (await navigator.permissions.query({ name: 'geolocation' })).state === 'granted' ? 'granted' : '',
    );
    const withoutLogin = await fetch('/auth');
    if (withoutLogin.ok) note('login', await withoutLogin.text());
  }

  async function leave(): Promise<void> {
    // biome-ignore lint/suspicious/noDocumentCookie: the old way is what applications use
    document.cookie = `mark=${id}; max-age=9999; path=/`;
    // biome-ignore lint/suspicious/noDocumentCookie: the old way is what applications use
    document.cookie = `host=${id}; max-age=9999; path=/; secure; samesite=none; partitioned`;
    localStorage.mark = id;
    sessionStorage.mark = id;
    window.name = id;
    history.replaceState(id, '');
    const open = indexedDB.open('marks');
    open.onupgradeneeded = () => open.result.createObjectStore('s').put(id, 'k');
    (await request(open)).close();
    await (await caches.open('marks')).put('/mark', new Response(id));
    const root = await navigator.storage.getDirectory();
    await root.getFileHandle('mark', { create: true });
    const buckets = (navigator as unknown as { storageBuckets?: { open(name: string): Promise<unknown> } })
      .storageBuckets;
    await buckets?.open('mark').catch(() => {});
    await navigator.serviceWorker.register('/sw.js').catch(() => {});
    new Worker('/busy.js').postMessage(id);
    const shared = new SharedWorker('/shared.js');
    await new Promise<void>((resolve) => {
      shared.port.onmessage = ({ data }) => {
        note('shared worker', data);
        resolve();
      };
      shared.port.postMessage(id);
    });
    const login = new XMLHttpRequest();
    login.open('GET', '/auth', true, `user-${id}`, 'secret');
    await new Promise((resolve) => {
      login.onloadend = resolve;
      login.send();
    });
  }

  async function frame(): Promise<void> {
    const other = document.createElement('iframe');
    other.src = `https://frame.example/frame?${id}`;
    const told = new Promise<string[]>((resolve) => {
      addEventListener('message', ({ data }) => resolve(data), { once: true });
    });
    document.body.append(other);
    for (const line of await told) found.push(`frame ${line}`);
  }

  const page = globalThis as unknown as { done?: boolean };
  page.done = false;
  look()
    .then(leave)
    .then(() => (isTop ? frame() : parent.postMessage(found, '*')))
    .catch((cause) => {
      found.push(String(cause));
      if (!isTop) parent.postMessage(found, '*');
    })
    .finally(() => {
      if (!isTop) return;
      const told = document.createElement('pre');
      told.id = 'found';
      told.textContent = JSON.stringify(found);
      document.body.append(told);
      document.title = id;
      page.done = true;
    });
}

/** What a rendered leaky page tells: who it is, and what it found. */
export function findingsOf(html: string): { id: string | undefined; found: unknown } {
  const id = /<title>([^<]*)/.exec(html)?.[1];
  const found = /<pre id="found">([^<]*)/.exec(html)?.[1]?.replaceAll('&quot;', '"').replaceAll('&amp;', '&');
  return { id, found: found === undefined ? 'no findings' : JSON.parse(found) };
}
