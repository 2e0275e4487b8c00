import type { Product, ProductSummary } from './product.ts';

export function loadProducts(signal: AbortSignal): Promise<readonly ProductSummary[]> {
  return load('/api/products', signal);
}

export function loadProduct(id: string, signal: AbortSignal): Promise<Product> {
  return load(`/api/products/${encodeURIComponent(id)}`, signal);
}

/** Throws the response itself when it is not a good one: the router shows it as the page's problem, with its status. */
async function load<T>(path: string, signal: AbortSignal): Promise<T> {
  const response = await fetch(path, { signal });
  if (!response.ok) throw response;
  return (await response.json()) as T;
}
