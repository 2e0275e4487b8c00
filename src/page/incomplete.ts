import type { Site } from './site.ts';
import type { RenderInput } from './snapshot.ts';

/** What a page is made of; without a picture or a font it is still the page. */
const parts = new Set(['document', 'script', 'stylesheet', 'fetch']);

/** Whether the render itself, and no rule about hosts, kept the input away: another render may well have it. */
export function isCutByLimit({ because }: RenderInput): boolean {
  return because === 'request-limit' || because === 'byte-limit';
}

/**
 * Why a render that ended well may still lack a part of its page, in words; undefined when nothing is known to be missing. It lacks one when a
 * limit of the render cut something, or when a part from the site's own host could not be fetched and was not fetched later. An answer with an
 * error status is an answer, except to a script; what the page gave up itself, or left open at its end, is not missed.
 */
export function whyIncomplete(inputs: readonly RenderInput[], site: Site): string | undefined {
  const cut = inputs.find(isCutByLimit);
  if (cut !== undefined) return `${cut.because}: ${cut.url}`;
  const fetched = new Set(inputs.filter(({ verdict }) => verdict === 'allowed' || verdict === 'cached').map(nameOf));
  const broken = inputs.find((input) => isBrokenScript(input, site));
  if (broken !== undefined) return `status ${broken.status} for script: ${broken.url}`;
  const lost = inputs.find((input) => isLostPart(input, site) && !fetched.has(nameOf(input)));
  return lost && `unreachable ${lost.type}: ${lost.url}`;
}

const nameOf = ({ method, url }: RenderInput) => `${method} ${url}`;

/** An application whose own code the origin could not give has not run. */
function isBrokenScript({ type, status, url }: RenderInput, site: Site): boolean {
  return type === 'script' && status >= 500 && site.hosts.includes(URL.parse(url)?.host ?? '');
}

function isLostPart({ verdict, because, type, url }: RenderInput, site: Site): boolean {
  const host = URL.parse(url)?.host;
  return (
    verdict === 'failed' &&
    because === 'unreachable' &&
    parts.has(type) &&
    host !== undefined &&
    site.hosts.includes(host)
  );
}
