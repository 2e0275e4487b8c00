import { type PictureFormat, pictureFormats, type Variant } from '../page/variant.ts';

/** Why an order is not taken, in a sentence for whoever set up the middleware. */
export interface Refusal {
  readonly kind: 'refused';
  readonly status: 400 | 404 | 405;
  readonly text: string;
}

export const refused = (status: Refusal['status'], text: string): Refusal => ({ kind: 'refused', status, text });

/** What a request's parameters ask of the service. */
export interface ServiceParameters extends Omit<Variant, 'picture'> {
  readonly url?: string;
  /** Rendertron's: the page as a telephone shows it. */
  readonly mobile?: boolean;
  /** Rendertron's: rendered whatever is stored. */
  readonly refreshCache?: boolean;
  readonly format?: 'html' | PictureFormat;
  /** Of a picture. */
  readonly wholePage?: boolean;
  /** Whether a redirect is followed here, instead of by whoever asks. */
  readonly follows?: boolean;
}

/** What a value asks for. A wish that cannot be fulfilled is refused, never left out in silence. */
type Parameter = (value: string) => ServiceParameters | Refusal;

const parameters: Readonly<Record<string, Parameter>> = {
  url: (url) => ({ url }),
  renderType: (type) => {
    const format = formats.find((known) => known === type);
    return format === undefined ? refused(400, `renderType must be one of ${formats.join(', ')}`) : { format };
  },
  width: pixels('width', (width) => ({ width })),
  height: pixels('height', (height) => ({ height })),
  // HTML is that of the whole page in any case.
  fullpage: flag((wholePage) => ({ wholePage })),
  followRedirects: flag((follows) => ({ follows })),
  userAgent: (userAgent) =>
    isUserAgent(userAgent)
      ? { userAgent }
      : refused(
          400,
          `userAgent must have 1 to ${maxUserAgent} printable ASCII characters, none of them a space at an end`,
        ),
  mobile: flag((mobile) => ({ mobile })),
  refreshCache: flag((refreshCache) => ({ refreshCache })),
  timezoneId: (name) => {
    const timeZone = knownTimeZone(name);
    return timeZone === undefined
      ? refused(400, 'timezoneId must be the name of a time zone, such as Europe/Rome')
      : { timeZone };
  },
  // Shadow DOM is written down in any case (render.shadowDom).
  'wc-inject-shadydom': () => ({}),
};

const formats = ['html', ...pictureFormats] as const;
/** A window of that width and height has 16 million pixels. */
const maxPixels = 4096;
const maxUserAgent = 512;

/** Those of Rendertron's that may stand behind a page's own parameters. */
const amongThePages = {
  render: new Set(['mobile', 'refreshCache', 'timezoneId', 'wc-inject-shadydom']),
  screenshot: new Set(['mobile', 'refreshCache', 'timezoneId', 'wc-inject-shadydom', 'width', 'height']),
} as const;

/** What a query of the service's own asks for. */
export function serviceParameters(query: string): ServiceParameters | Refusal {
  let asked: ServiceParameters = {};
  const seen = new Set<string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const read = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (read === undefined) return refused(400, unknownParameter);
    if (seen.has(name)) return refused(400, `${name} is given twice`);
    seen.add(name);
    const part = read(value);
    if ('kind' in part) return part;
    asked = { ...asked, ...part };
  }
  return asked;
}

/** The service's own parameters in a page's query, and what is left of it. */
export function takenOut(query: string, of: keyof typeof amongThePages): readonly [own: string, ofPage: string] {
  const pairs = query.split('&');
  const isOwn = (pair: string) => amongThePages[of].has(pair.split('=', 1)[0] ?? '');
  return [pairs.filter(isOwn).join('&'), pairs.filter((pair) => !isOwn(pair)).join('&')];
}

/** Present means yes, as Rendertron has it, unless it says no. */
function flag(read: (is: boolean) => ServiceParameters): Parameter {
  return (value) => {
    if (['', '1', 'true'].includes(value)) return read(true);
    if (['0', 'false'].includes(value)) return read(false);
    return refused(400, 'A parameter that says yes or no must be true or false');
  };
}

function pixels(name: string, read: (size: number) => ServiceParameters): Parameter {
  return (value) => {
    const size = /^\d{1,5}$/.test(value) ? Number(value) : 0;
    if (size >= 1 && size <= maxPixels) return read(size);
    return refused(400, `${name} must be a whole number of CSS pixels from 1 to ${maxPixels}`);
  };
}

/** Fit for a line of a request's head. */
const isUserAgent = (text: string): boolean => text.length <= maxUserAgent && /^[!-~](?:[ -~]*[!-~])?$/.test(text);

/** As Intl writes it. Offsets, which Intl knows, too, are no names that Chromium would take. */
function knownTimeZone(name: string): string | undefined {
  if (!/^[a-z]/i.test(name)) return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

const unknownParameter = `The parameters of the service are ${Object.keys(parameters).join(', ')}. Those of the page belong into its URL, escaped`;
