import { listProducts } from './catalogue.ts';

/** The shop's sitemap (sitemaps.org), with every page that may be found. */
export function sitemap(baseUrl: URL): string {
  const paths = ['/', '/workshop', ...listProducts().map((product) => `/lanterns/${product.id}`)];
  const entries = paths.map((path) => `  <url><loc>${new URL(path, baseUrl).href}</loc></url>`);
  return `<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
${entries.join('\n')}
</urlset>
`;
}
