/** Why an order is not taken, in a sentence for whoever set up the middleware. */
export interface Refusal {
  readonly kind: 'refused';
  readonly status: 400 | 404 | 405 | 501;
  readonly text: string;
}

export const refused = (status: Refusal['status'], text: string): Refusal => ({ kind: 'refused', status, text });

/** What a request's parameters ask of the service. */
export interface ServiceParameters {
  readonly url?: string;
  /** Rendertron's: the page as a telephone shows it. */
  readonly mobile?: boolean;
  /** Rendertron's: rendered whatever is stored. */
  readonly refreshCache?: boolean;
}

/** What a value asks for. A wish that cannot be fulfilled is refused, never left out in silence. */
type Parameter = (value: string) => ServiceParameters | Refusal;

const parameters: Readonly<Record<string, Parameter>> = {
  url: (url) => ({ url }),
  renderType: (type) =>
    type === 'html'
      ? {}
      : ['png', 'jpeg', 'pdf'].includes(type)
        ? refused(501, 'renderType can only be html here; preface render --screenshot makes pictures')
        : refused(400, 'renderType must be html'),
  width: () => refused(501, oneWindow),
  height: () => refused(501, oneWindow),
  fullpage: flag((is) => (is ? refused(501, 'fullpage is for pictures, which the service does not make') : {})),
  followRedirects: flag((is) => (is ? refused(501, 'A redirect is answered as a redirect, as readers expect it') : {})),
  userAgent: () => refused(501, oneUserAgent),
  mobile: flag((mobile) => ({ mobile })),
  refreshCache: flag((refreshCache) => ({ refreshCache })),
  timezoneId: () => refused(501, 'Pages are rendered in one time zone for all: that of the process (TZ)'),
  // Shadow DOM is written down in any case (render.shadowDom).
  'wc-inject-shadydom': () => ({}),
};

/** Those of Rendertron's that may stand behind a page's own parameters. */
const amongThePages = new Set(['mobile', 'refreshCache', 'timezoneId', 'wc-inject-shadydom']);

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
export function takenOut(query: string): readonly [own: string, ofPage: string] {
  const pairs = query.split('&');
  const isOwn = (pair: string) => amongThePages.has(pair.split('=', 1)[0] ?? '');
  return [pairs.filter(isOwn).join('&'), pairs.filter((pair) => !isOwn(pair)).join('&')];
}

/** Present means yes, as Rendertron has it, unless it says no. */
function flag(read: (is: boolean) => ServiceParameters | Refusal): Parameter {
  return (value) => {
    if (['', '1', 'true'].includes(value)) return read(true);
    if (['0', 'false'].includes(value)) return read(false);
    return refused(400, 'A parameter that says yes or no must be true or false');
  };
}

const unknownParameter = `The parameters of the service are ${Object.keys(parameters).join(', ')}. Those of the page belong into its URL, escaped`;
const oneWindow = 'Pages are rendered in one window for all: render.viewport says how wide and high it is';
const oneUserAgent =
  'Pages are rendered with one user agent for all: render.userAgent. The User-Agent field of the request chooses the device';
