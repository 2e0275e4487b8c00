import { useState } from 'react';
import { Link, useLoaderData } from 'react-router';
import { useBasket } from './basket.tsx';
import { LanternPicture } from './lanterns/lantern-picture.tsx';
import { PageHead } from './page-head.tsx';
import { priceText } from './price.ts';
import type { Product } from './product.ts';
import { ProductData } from './product-data.tsx';

export function ProductPage() {
  const product = useLoaderData<Product>();
  return (
    <article className="product">
      <PageHead
        title={`${product.name}, ${priceText(product.priceCents)} · Nightjar lanterns`}
        description={product.summary}
        path={`/lanterns/${product.id}`}
        type="product"
        image={{ path: `/cards/${product.id}.png`, alt: `${product.name}, lit` }}
      />
      <ProductData product={product} />
      {/* The key puts the light back on when the lantern changes. */}
      <Stage key={product.id} product={product} />
      <div className="product-words">
        <p className="crumb">
          <Link to="/">All lanterns</Link>
        </p>
        <h1>{product.name}</h1>
        <p className="tagline">{product.tagline}</p>
        <Purchase product={product} />
        {product.story.map((paragraph) => (
          <p key={paragraph}>{paragraph}</p>
        ))}
        <dl className="facts">
          {product.facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </div>
    </article>
  );
}

function Stage({ product }: { readonly product: Product }) {
  const [lit, setLit] = useState(true);
  return (
    <div className="stage">
      <LanternPicture kind={product.kind} name={product.name} lit={lit} />
      <button type="button" className="switch" aria-pressed={lit} onClick={() => setLit(!lit)}>
        {lit ? 'Blow it out' : 'Light it'}
      </button>
    </div>
  );
}

function Purchase({ product }: { readonly product: Product }) {
  const { add } = useBasket();
  return (
    <p className="purchase">
      <span className="price">{priceText(product.priceCents)}</span>
      <button type="button" className="buy" disabled={!product.inStock} onClick={add}>
        {product.inStock ? 'Add to basket' : 'Sold out until spring'}
      </button>
    </p>
  );
}
