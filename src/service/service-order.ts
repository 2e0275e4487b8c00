import type { Device } from '../page/page-target.ts';
import type { Variant } from '../page/variant.ts';
import { cutAtQuery, isEscaped, pageUrl, withoutSecondEscapes } from './page-url.ts';
import { type Refusal, refused, type ServiceParameters, serviceParameters, takenOut } from './service-parameters.ts';

/** What a request to the rendering service asks for. */
export type ServiceOrder = PageOrder | { readonly kind: 'health' } | { readonly kind: 'recache' } | Refusal;

export interface PageOrder {
  readonly kind: 'page';
  /** Absolute, `http` or `https`, without user and password; otherwise as it came, escapes undone once where all of it was escaped. */
  readonly url: string;
  /** The device that the page must be rendered for; undefined where the reader's own user agent decides. */
  readonly device: Device | undefined;
  /** Rendered whatever is stored. */
  readonly anew: boolean;
  /** What is wanted otherwise than readers get it; undefined for the page that readers get. */
  readonly variant: Variant | undefined;
  /** Whether redirects within the sites are to be followed here. */
  readonly follows: boolean;
}

/**
 * Reads the URLs of Prerender (`/https://…`, `/render?url=…`, `POST /recache`) and of Rendertron (`/render/<url>`, `/screenshot/<url>`,
 * `/_ah/health`). Whether a page's URL is on one of the sites is not decided here. Never throws, whatever it is given.
 */
export function readOrder(method: string, asked: string): ServiceOrder {
  const target = withoutSecondEscapes(asked);
  const { path, query } = cutAtQuery(target);
  if (path === '/recache') return method === 'POST' ? { kind: 'recache' } : wrongMethod('POST');
  if (method !== 'GET' && method !== 'HEAD') return wrongMethod('GET or HEAD');
  if (path === '/_ah/health') return { kind: 'health' };
  if (path === '/render' || path === '/render/') return fromQuery(query);
  if (path.startsWith('/render/')) return fromPath(target.slice('/render/'.length), 'render');
  if (path.startsWith('/screenshot/')) return fromPath(target.slice('/screenshot/'.length), 'screenshot');
  return pageOrder(target.slice(1), {});
}

/** Everything in the query is the service's own; the page's is escaped within `url`. */
function fromQuery(query: string): ServiceOrder {
  const read = serviceParameters(query);
  if ('kind' in read) return read;
  if (read.url === undefined) return refused(400, 'Name the page: /render?url=https%3A%2F%2Fwww.example.com%2F');
  return pageOrder(read.url, read);
}

/**
 * Behind an escaped URL the query is the service's. Behind one that is not, it is the page's, but for Rendertron's own parameters, which
 * Rendertron takes there, too.
 */
function fromPath(rest: string, of: 'render' | 'screenshot'): ServiceOrder {
  const { path, query } = cutAtQuery(rest);
  const [own, ofPage] = isEscaped(path) ? [query, ''] : takenOut(query, of);
  const read = serviceParameters(own);
  if ('kind' in read) return read;
  if (read.url !== undefined) return refused(400, 'The page is named twice: in the path and by url');
  if (of === 'screenshot' && read.format === 'html') return refused(400, 'A screenshot is png, jpeg or pdf');
  // Rendertron's are JPEG.
  const { format = of === 'screenshot' ? 'jpeg' : 'html' } = read;
  return pageOrder(ofPage === '' ? path : `${path}?${ofPage}`, { ...read, format });
}

function pageOrder(text: string, asked: ServiceParameters): ServiceOrder {
  const url = pageUrl(text);
  if (typeof url !== 'string') return url;
  const { mobile = false, refreshCache = false, follows = false } = asked;
  return {
    kind: 'page',
    url,
    device: mobile ? 'mobile' : undefined,
    anew: refreshCache,
    variant: variantOf(asked),
    follows,
  };
}

function variantOf(asked: ServiceParameters): Variant | undefined {
  const { width, height, userAgent, timeZone, format = 'html', wholePage = false } = asked;
  const variant: Variant = {
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
    ...(userAgent !== undefined && { userAgent }),
    ...(timeZone !== undefined && { timeZone }),
    ...(format !== 'html' && { picture: { format, wholePage } }),
  };
  return Object.keys(variant).length === 0 ? undefined : variant;
}

const wrongMethod = (methods: string) => refused(405, `Use ${methods} here`);
