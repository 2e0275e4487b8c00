/** Does a host, in the form that `URL` gives it, fit one of the patterns? */
export type HostMatcher = (hostname: string, port: number) => boolean;

/**
 * Patterns: `api.example.com`, `api.example.com:8443`, `*.example.com` (hosts below it, not itself), `*` (every host).
 * Throws a TypeError that names the pattern that is wrong.
 */
export function hostMatcher(patterns: readonly string[]): HostMatcher {
  const exact = new Set<string>();
  const below = new Set<string>();
  for (const pattern of patterns) {
    if (pattern === '*') return () => true;
    const wildcard = pattern.startsWith('*.');
    (wildcard ? below : exact).add(normal(wildcard ? pattern.slice(2) : pattern, pattern));
  }
  if (exact.size === 0 && below.size === 0) return () => false;
  return (hostname, port) => {
    const name = withoutRootDot(hostname);
    return fits(exact, name, port) || parents(name).some((parent) => fits(below, parent, port));
  };
}

const fits = (names: Set<string>, name: string, port: number) => names.has(name) || names.has(`${name}:${port}`);

/** `a.b.c` → `b.c`, `c`. */
export function parents(name: string): string[] {
  const labels = name.split('.');
  return labels.slice(1).map((_, index) => labels.slice(index + 1).join('.'));
}

export function withoutRootDot(hostname: string): string {
  return hostname.endsWith('.') ? hostname.slice(0, -1) : hostname;
}

/** Lower case, punycode, numeric addresses in their one form: as `URL` writes the hosts it is compared with. */
function normal(host: string, pattern: string): string {
  const port = /:\d+$/.exec(host)?.[0] ?? '';
  const bare = isBareIPv6(host) ? `[${host}]` : host.slice(0, host.length - port.length);
  const url = URL.parse(`http://${bare}`);
  if (url === null || url.pathname !== '/' || bare === '') throw new TypeError(`not a host pattern: ${pattern}`);
  return withoutRootDot(url.hostname) + (isBareIPv6(host) ? '' : port);
}

const isBareIPv6 = (host: string) => host.split(':').length > 2 && !host.startsWith('[');
