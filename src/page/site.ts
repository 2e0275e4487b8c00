/** One application behind the proxy. */
export interface Site {
  /** What people type: scheme and host, never a path. */
  readonly publicUrl: URL;
  /** Where the application is served. */
  readonly originUrl: URL;
  /** Lower-case `host[:port]` values (default ports left out) under which the site is known; the first is the public URL's. */
  readonly hosts: readonly string[];
}
