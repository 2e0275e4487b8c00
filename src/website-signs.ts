import type { IncomingHttpHeaders } from 'node:http';

// How a listener that asks for no token tells the programs of this machine from the websites that somebody on it has open. Browsers say these
// things, and no page can have them say others.

/** A page of another origin has the request sent. */
export function isOfAnotherOrigin({ host, origin }: IncomingHttpHeaders): boolean {
  return origin !== undefined && URL.parse(origin)?.host !== host;
}

/** A page has it sent whose origin is another, pictures and links too, which have no `Origin`. */
export function isOfAnotherSite({ 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  return typeof site === 'string' && /^(?:cross|same)-site$/.test(site);
}

/** A name, with or without a port, by which nobody but this machine is meant: no website can have it lead here (DNS rebinding). */
export function isLoopbackName(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i.test(host);
}
