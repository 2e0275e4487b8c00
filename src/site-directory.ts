import type { Site } from './page/site.ts';

/** Finds the application that a `Host` means. */
export type SiteDirectory<Room> = (host: string) => Room | undefined;

/**
 * With one application every host is its own: the request's host decides nothing then. With several, each is known by its hosts alone; a port
 * in the request that the site does not name is ignored.
 */
export function siteDirectory<Room extends { readonly site: Site }>(rooms: readonly Room[]): SiteDirectory<Room> {
  const [only] = rooms;
  if (only === undefined || rooms.length === 1) return () => only;
  const byHost = new Map(rooms.flatMap((room) => room.site.hosts.map((host) => [host.toLowerCase(), room] as const)));
  return (host) => {
    const name = host.toLowerCase();
    return byHost.get(name) ?? byHost.get(name.replace(/:\d+$/, ''));
  };
}
