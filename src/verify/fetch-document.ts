import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, request } from 'undici';

export interface Document {
  readonly status: number;
  readonly etag: string | undefined;
  readonly contentType: string;
  /** Empty for every status but 200. */
  readonly body: string;
}

export interface DocumentLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly accept: string;
  readonly etag?: string | undefined;
}

/** Fetches a small document over HTTPS. Rejects for what is too large, too slow or not on the public internet; follows no redirects. */
export type FetchDocument = (url: string, limits: DocumentLimits) => Promise<Document>;

export interface DocumentFetcher {
  readonly fetchDocument: FetchDocument;
  close(): Promise<void>;
}

/** `mayConnect` judges the address that is connected to, not one that the name had a moment before. */
export function createDocumentFetcher(
  mayConnect: (address: string) => boolean,
  { trustedCa }: { readonly trustedCa?: string } = {},
): DocumentFetcher {
  const agent = new Agent({
    connect: { lookup: guardedLookup(mayConnect), ...(trustedCa === undefined ? {} : { ca: trustedCa }) },
    connections: 2,
  });

  async function fetchDocument(url: string, limits: DocumentLimits): Promise<Document> {
    const { protocol, hostname } = new URL(url);
    // A literal address is connected to without a lookup, and so without the guard.
    if (protocol !== 'https:' || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) throw new Error(`not fetched: ${url}`);
    const signal = AbortSignal.timeout(limits.timeoutMs);
    const { statusCode, headers, body } = await request(url, {
      dispatcher: agent,
      signal,
      reset: true,
      headers: {
        accept: limits.accept,
        'user-agent': 'Preface',
        ...(limits.etag === undefined ? {} : { 'if-none-match': limits.etag }),
      },
    });
    // Read in any case: to leave a body behind is an error that nobody would catch.
    const text = await readText(body, limits.maxBytes);
    const { etag, 'content-type': contentType } = headers;
    return {
      status: statusCode,
      etag: single(etag),
      contentType: single(contentType) ?? '',
      body: statusCode === 200 ? text : '',
    };
  }

  return { fetchDocument, close: () => agent.destroy() };
}

async function readText(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new Error(`more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function guardedLookup(mayConnect: (address: string) => boolean): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      const refused = addresses?.find(({ address }) => !mayConnect(address));
      const [first] = addresses ?? [];
      if (error || refused || first === undefined) {
        done(error ?? new Error(`${hostname} is at ${refused?.address ?? 'no address'}, which is not public`), []);
      } else if (options.all) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}

const single = (value: string | string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;
