/** The drawings that exist; a product without one would be a picture nobody made. */
export type LanternKind = 'storm' | 'moon' | 'reed' | 'facet' | 'star' | 'pleat';

/** What a list needs to know of a lantern. */
export interface ProductSummary {
  readonly id: string;
  readonly kind: LanternKind;
  readonly name: string;
  readonly tagline: string;
  readonly priceCents: number;
  readonly inStock: boolean;
}

/** One lantern, as `/api/products/:id` tells it. */
export interface Product extends ProductSummary {
  /** One sentence for search results and link previews. */
  readonly summary: string;
  readonly story: readonly string[];
  readonly facts: readonly (readonly [name: string, value: string])[];
}
