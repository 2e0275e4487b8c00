import type { IncomingHttpHeaders } from 'node:http';
import type { Site } from '../page/site.ts';
import { isLoopbackName, isOfAnotherSite } from '../website-signs.ts';

/**
 * Why an order is not taken where no token is asked for, or undefined. Everybody on this machine may give one, but no website that somebody on it has
 * open. Middleware in a web server can pass on the host that its own reader asked for: where a site's name leads, no other website decides.
 */
export function websiteRefusal(headers: IncomingHttpHeaders, sites: readonly Site[]): string | undefined {
  const { host = '', origin } = headers;
  if (origin !== undefined || isOfAnotherSite(headers)) return 'Websites may not ask here';
  if (isLoopbackName(host) || sites.some((site) => isNameOf(site, host))) return undefined;
  return `Without service.token only localhost and the hosts of the sites are known here, not ${host}`;
}

/** The port is that of whoever was asked. */
function isNameOf({ publicUrl, hosts }: Site, host: string): boolean {
  const name = nameOf(host);
  return name !== '' && [publicUrl.host, ...hosts].some((known) => nameOf(known) === name);
}

const nameOf = (host: string): string => host.toLowerCase().replace(/:\d{1,5}$/, '');
