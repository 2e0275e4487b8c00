import type { Account } from './account.ts';
import type { AnyFunction, Natives, PageWindow } from './natives.ts';

/**
 * Counts what the platform does for the page in its own time: requests and their bodies, storage, cryptography, decoding,
 * compiling. No network event announces most of it. Left out on purpose: whatever waits for a person (permissions, the
 * clipboard, the position) and may never be answered. Self-contained: runs inside the page.
 */
export function countOperations(window: PageWindow, natives: Natives, account: Account): void {
  const w = window as unknown as Record<string, { prototype?: object } | undefined>;
  const { URL } = window;

  function absolute(url: unknown): string {
    try {
      return new URL(String(url), window.document.baseURI).href;
    } catch {
      return String(url);
    }
  }

  natives.replace(window, 'fetch', (native, self, given) => {
    const [input, init] = given as [RequestInfo | URL | undefined, RequestInit | undefined];
    const request = typeof input === 'object' && input !== null && 'url' in input ? input : undefined;
    const label = `${init?.method ?? request?.method ?? 'GET'} ${request?.url ?? absolute(input)}`;
    return account.during('fetch', label, natives.apply(native, self, given));
  });

  const sent = new WeakMap<object, () => void>();
  const addresses = new WeakMap<object, string>();
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
      natives.replace(w[owner]?.prototype, name, (native, self, given) =>
        account.during(owner === 'Response' ? 'body' : 'work', `${owner}.${name}`, natives.apply(native, self, given)),
      );
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
  natives.replace(w.HTMLCanvasElement?.prototype, 'toBlob', (native, self, [callback, ...rest]) => {
    const end = account.begin('work', 'toBlob');
    const done = (blob: unknown) => {
      end();
      (callback as AnyFunction)(blob);
    };
    return natives.apply(native, self, [typeof callback === 'function' ? done : callback, ...rest]);
  });
}
