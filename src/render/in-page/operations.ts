import type { Account } from './account.ts';
import type { AnyFunction, Natives, PageWindow } from './natives.ts';

/**
 * Counts what the platform does for the page in its own time: requests and their bodies, storage, cryptography, decoding,
 * compiling. No network event announces most of it. What a person may have to answer (permissions, the clipboard, the
 * position), or another holder of a lock, is a question: it may never be answered. Self-contained: runs inside the page.
 */
export function countOperations(window: PageWindow, natives: Natives, account: Account): void {
  const w = window as unknown as Record<string, { prototype?: object } | undefined>;
  const { Response, URL } = window;
  const baseOf = natives.getter(window.Node?.prototype, 'baseURI');

  function absolute(url: unknown): string {
    try {
      return new URL(String(url), `${baseOf(window.document)}`).href;
    } catch {
      return String(url);
    }
  }

  natives.replace(window, 'fetch', (native, self, given) => {
    const input = given[0] as RequestInfo | URL | undefined;
    const init = given[1] as RequestInit | undefined;
    const request = typeof input === 'object' && input !== null && 'url' in input ? input : undefined;
    const label = `${init?.method ?? request?.method ?? 'GET'} ${request?.url ?? absolute(input)}`;
    const answer = natives.apply(native, self, given);
    natives.followValue(answer, (response) => awaitReading(response, label));
    return account.during('fetch', label, answer);
  });

  // Chromium does not end a request whose body nobody reads; most often it never is (`if (!response.ok) retry()`).
  const unread = natives.weakMap<object, () => void>();
  function awaitReading(response: unknown, label: string) {
    if (Response && response instanceof Response) unread.set(response, account.begin('unread', label));
  }
  function reads(response: unknown) {
    unread.get(response as object)?.();
  }
  natives.replaceGetter(w.Response?.prototype, 'body', (native, self) => {
    reads(self);
    return natives.apply(native, self, []);
  });
  natives.replace(w.Response?.prototype, 'clone', (native, self, given) => {
    reads(self);
    return natives.apply(native, self, given);
  });

  const sent = natives.weakMap<object, () => void>();
  const addresses = natives.weakMap<object, string>();
  natives.replace(w.XMLHttpRequest?.prototype, 'open', (native, self, given) => {
    addresses.set(self as object, `${given[0]} ${absolute(given[1])}`);
    return natives.apply(native, self, given);
  });
  natives.replace(w.XMLHttpRequest?.prototype, 'send', (native, self, given) => {
    const request = self as object;
    sent.get(request)?.();
    const end = account.begin('xhr', addresses.get(request) ?? '');
    sent.set(request, end);
    natives.listen(request, ['loadend'], end);
    try {
      return natives.apply(native, self, given);
    } catch (error) {
      end();
      throw error;
    }
  });

  /** Methods that answer with a promise. */
  const promising: Record<string, readonly string[]> = {
    Response: ['text', 'json', 'arrayBuffer', 'blob', 'bytes', 'formData'],
    Blob: ['text', 'arrayBuffer', 'bytes'],
    SubtleCrypto: Object.getOwnPropertyNames(w.SubtleCrypto?.prototype ?? {}),
    CacheStorage: ['match', 'has', 'open', 'delete', 'keys'],
    Cache: ['match', 'matchAll', 'add', 'addAll', 'put', 'delete', 'keys'],
    IDBFactory: ['databases'],
    HTMLImageElement: ['decode'],
    FontFace: ['load'],
    FontFaceSet: ['load'],
    Permissions: ['query'],
    StorageManager: ['estimate', 'persisted', 'getDirectory'],
    FileSystemDirectoryHandle: ['getFileHandle', 'getDirectoryHandle', 'removeEntry'],
    FileSystemFileHandle: ['getFile', 'createWritable'],
    FileSystemWritableFileStream: ['write', 'close'],
    CookieStore: ['get', 'getAll', 'set', 'delete'],
    NavigatorUAData: ['getHighEntropyValues'],
    MediaCapabilities: ['decodingInfo', 'encodingInfo'],
    MediaDevices: ['enumerateDevices'],
    GPU: ['requestAdapter'],
    GPUAdapter: ['requestDevice'],
    BaseAudioContext: ['decodeAudioData'],
    OfflineAudioContext: ['startRendering'],
    OffscreenCanvas: ['convertToBlob'],
    Worklet: ['addModule'],
    ServiceWorkerContainer: ['getRegistration', 'getRegistrations'],
  };
  for (const [owner, names] of Object.entries(promising)) {
    for (const name of names) {
      if (name === 'constructor') continue;
      natives.replace(w[owner]?.prototype, name, (native, self, given) => {
        // A method may read the answer that it is called on (`json`), or one that it is given (`Cache.put`).
        for (let at = -1; at < given.length; at++) reads(at < 0 ? self : given[at]);
        const kind = owner === 'Response' ? 'body' : 'work';
        return account.during(kind, `${owner}.${name}`, natives.apply(native, self, given));
      });
    }
  }
  for (const name of ['compile', 'instantiate', 'compileStreaming', 'instantiateStreaming']) {
    natives.replace(window.WebAssembly, name, (native, self, given) =>
      account.during('work', `WebAssembly.${name}`, natives.apply(native, self, given)),
    );
  }
  natives.replace(window, 'createImageBitmap', (native, self, given) =>
    account.during('work', 'createImageBitmap', natives.apply(native, self, given)),
  );

  const asking: Record<string, readonly string[]> = {
    Clipboard: ['read', 'readText', 'write', 'writeText'],
    CredentialsContainer: ['get'],
    MediaDevices: ['getUserMedia'],
    StorageManager: ['persist'],
    Document: ['hasStorageAccess', 'requestStorageAccess'],
    WakeLock: ['request'],
  };
  for (const [owner, names] of Object.entries(asking)) {
    for (const name of names) {
      natives.replace(w[owner]?.prototype, name, (native, self, given) =>
        account.during('question', `${owner}.${name}`, natives.apply(native, self, given)),
      );
    }
  }
  natives.replace(window.Notification, 'requestPermission', (native, self, given) =>
    account.during('question', 'Notification.requestPermission', natives.apply(native, self, given)),
  );
  /** The same for those that answer by calling back: the first call ends it. */
  function answering(label: string, given: readonly unknown[]): unknown[] {
    const end = account.begin('question', label);
    return natives.list(given).map((callback) =>
      typeof callback !== 'function'
        ? callback
        : (...answer: unknown[]) => {
            end();
            return natives.apply(callback as AnyFunction, undefined, answer);
          },
    );
  }
  natives.replace(w.Geolocation?.prototype, 'getCurrentPosition', (native, self, given) =>
    natives.apply(native, self, answering('the position', given)),
  );
  natives.replace(w.LockManager?.prototype, 'request', (native, self, given) =>
    natives.apply(native, self, answering('a lock', given)),
  );

  /** Counts from now until one of the events. */
  function until(target: unknown, types: readonly string[], label: string) {
    natives.listen(target, types, account.begin('work', label));
    return target;
  }
  for (const name of ['readAsText', 'readAsDataURL', 'readAsArrayBuffer', 'readAsBinaryString']) {
    natives.replace(w.FileReader?.prototype, name, (native, self, given) => {
      const result = natives.apply(native, self, given);
      until(self, ['loadend'], 'FileReader');
      return result;
    });
  }
  for (const name of ['open', 'deleteDatabase']) {
    natives.replace(w.IDBFactory?.prototype, name, (native, self, given) =>
      until(natives.apply(native, self, given), ['success', 'error', 'blocked'], `indexedDB.${name}`),
    );
  }
  // A transaction ends by itself once nothing more is asked of it, so it stands for all its requests.
  natives.replace(w.IDBDatabase?.prototype, 'transaction', (native, self, given) =>
    until(natives.apply(native, self, given), ['complete', 'abort'], 'indexedDB transaction'),
  );
  natives.replace(w.HTMLCanvasElement?.prototype, 'toBlob', (native, self, given) => {
    const callback = given[0];
    const end = account.begin('work', 'toBlob');
    const done = (blob: unknown) => {
      end();
      (callback as AnyFunction)(blob);
    };
    return natives.apply(native, self, [typeof callback === 'function' ? done : callback, given[1], given[2]]);
  });
}
