import { Link, useLoaderData } from 'react-router';
import { LanternPicture } from './lanterns/lantern-picture.tsx';
import { Shore } from './lanterns/shore.tsx';
import { PageHead } from './page-head.tsx';
import { priceText } from './price.ts';
import type { ProductSummary } from './product.ts';

export function HomePage() {
  const products = useLoaderData<readonly ProductSummary[]>();
  return (
    <>
      <PageHead
        title="Nightjar: lanterns made by hand, one at a time"
        description="Six lanterns of brass, paper, reed, glass, tin and washi, made by hand in a small workshop by a lake and lit before they leave it."
        path="/"
      />
      <section className="hero">
        <Shore />
        <div className="hero-words">
          <h1>Light for the far end of the garden</h1>
          <p>
            Six lanterns, made by hand in a small workshop by a lake. Every one is lit for a night before it leaves.
          </p>
        </div>
      </section>
      <section className="window" aria-labelledby="lanterns">
        <h2 id="lanterns">The lanterns</h2>
        <ul className="grid">
          {products.map((product) => (
            <li key={product.id}>
              <ProductTile product={product} />
            </li>
          ))}
        </ul>
      </section>
      <section className="promises" aria-label="What we promise">
        <p>
          <b>Mended for life</b> Send it back in twenty years. We keep the moulds.
        </p>
        <p>
          <b>Packed in reed</b> No plastic, no foam. The straw is good for strawberries.
        </p>
        <p>
          <b>Lit before it leaves</b> One whole night on our own shelf, watched.
        </p>
      </section>
    </>
  );
}

function ProductTile({ product }: { readonly product: ProductSummary }) {
  return (
    <Link className="tile" to={`/lanterns/${product.id}`}>
      <LanternPicture kind={product.kind} name={product.name} />
      <span className="tile-words">
        <b className="tile-name">{product.name}</b>
        <span className="tile-price">{product.inStock ? priceText(product.priceCents) : 'Sold out'}</span>
        <span className="tile-tagline">{product.tagline}</span>
      </span>
    </Link>
  );
}
