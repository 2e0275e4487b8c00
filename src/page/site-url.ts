import type { Site } from './site.ts';

/**
 * What an absolute URL asks a site for: path, query and fragment as they are written. Undefined for the URL of another host. The scheme
 * decides nothing: people write `http://` for what has long been `https://`.
 */
export function targetOn({ publicUrl, hosts }: Site, url: string): string | undefined {
  const [, scheme, authority, rest = ''] = /^(https?):\/\/([^/?#\\\s]+)(?=[/?#]|$)(.*)$/is.exec(url.trim()) ?? [];
  const host = URL.parse(`${scheme}://${authority}`)?.host;
  if (host === undefined || (host !== publicUrl.host && !hosts.includes(host))) return undefined;
  return rest.startsWith('/') ? rest : `/${rest}`;
}
