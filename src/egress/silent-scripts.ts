import type { BlockData } from './block-list.ts';
import { parents, withoutRootDot } from './host-patterns.ts';
import { silenceTrackers } from './silent-trackers.ts';

/** The script that stands in for a blocked one of this host. */
export type SilentScripts = (url: URL) => Buffer;

/** Scripts by the globals that a host's own would define (config/blocked-requests.json); an empty one for a host of which nothing is known. */
export function createSilentScripts(data: BlockData): SilentScripts {
  const scripts = new Map<string, Buffer>();
  for (const { globals = {} } of Object.values(data)) {
    for (const [host, names] of Object.entries(globals)) scripts.set(host, scriptFor(names));
  }
  return (url) => {
    const name = withoutRootDot(url.hostname);
    const known = [name, ...parents(name)].find((host) => scripts.has(host));
    return (known !== undefined && scripts.get(known)) || empty;
  };
}

const empty = Buffer.alloc(0);

function scriptFor(names: readonly string[]): Buffer {
  return Buffer.from(`(${silenceTrackers})(${JSON.stringify(names)});`);
}
