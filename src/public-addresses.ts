import type { PageTarget } from './page/page-target.ts';
import type { Site } from './page/site.ts';
import { targetOn } from './page/site-url.ts';
import { normalPath } from './page/url-form.ts';

/** A site and what it takes for its pages. */
interface Known {
  readonly site: Site;
  readonly targets: { pages(target: string): readonly PageTarget[] };
}

/**
 * The public URLs that stored pages have, for a URL or a path as people write it: any host of the site, any spelling, with tracking parameters.
 * A path means that path on the site of `host`, and on every site where the host names none. Empty for a URL on none of the sites.
 */
export function publicUrls(sites: readonly Known[], urlOrPath: string, host = ''): readonly string[] {
  const text = urlOrPath.trim();
  const asked = text.startsWith('/') ? `http://${host}${text}` : text;
  const named = sites.flatMap((known) => urlsOn(known, targetOn(known.site, asked)));
  const isPath = asked !== text;
  return unique(named.length > 0 || !isPath ? named : sites.flatMap((known) => urlsOn(known, text)));
}

/** The beginnings of public URLs that somebody means who writes `/blog/`, `www.example.com/blog/` or a whole URL. */
export function publicPrefixes(sites: readonly Known[], prefix: string): readonly string[] {
  const text = prefix.trim();
  const url = /^https?:\/\//i.test(text) ? text : `https://${text}`;
  return sites.flatMap(({ site }) => {
    const target = text.startsWith('/') ? text : targetOn(site, url);
    if (target === undefined) return [];
    const [path = '/', ...query] = target.split('?');
    return [site.publicUrl.origin + [normalPath(path), ...query].join('?')];
  });
}

/** Every device of a page has the same URL. */
function urlsOn({ targets }: Known, target: string | undefined): readonly string[] {
  return target === undefined ? [] : targets.pages(target).map(({ url }) => url);
}

const unique = (texts: readonly string[]): readonly string[] => [...new Set(texts)];
