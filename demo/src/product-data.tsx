import { absolute } from './page-head.tsx';
import type { Product } from './product.ts';

/** The lantern as schema.org describes products, for search engines that show prices. */
export function ProductData({ product }: { readonly product: Product }) {
  const address = absolute(`/lanterns/${product.id}`);
  const data = {
    '@context': 'https://schema.org',
    '@type': 'Product',
    name: product.name,
    description: product.summary,
    image: absolute(`/cards/${product.id}.png`),
    url: address,
    brand: { '@type': 'Brand', name: 'Nightjar' },
    offers: {
      '@type': 'Offer',
      url: address,
      price: (product.priceCents / 100).toFixed(2),
      priceCurrency: 'EUR',
      availability: `https://schema.org/${product.inStock ? 'InStock' : 'OutOfStock'}`,
    },
  };
  // `<` is escaped so that no text in the data can end the element.
  return <script type="application/ld+json">{JSON.stringify(data).replaceAll('<', '\\u003c')}</script>;
}
