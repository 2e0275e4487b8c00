import { createBrowserRouter } from 'react-router';
import { loadProduct, loadProducts } from './api.ts';
import { HomePage } from './home-page.tsx';
import { Layout } from './layout.tsx';
import { Opening } from './opening.tsx';
import { ProblemPage } from './problem-page.tsx';

/** All pages of the shop. Home comes with the first script, the others are fetched when they are visited. */
export function createRouter() {
  return createBrowserRouter([
    {
      path: '/',
      Component: Layout,
      HydrateFallback: Opening,
      children: [
        {
          // Without a path: it keeps the layout round whatever goes wrong in a page.
          ErrorBoundary: ProblemPage,
          children: [
            { index: true, loader: ({ request }) => loadProducts(request.signal), Component: HomePage },
            {
              path: 'lanterns/:id',
              loader: ({ params, request }) => loadProduct(params.id ?? '', request.signal),
              lazy: async () => ({ Component: (await import('./product-page.tsx')).ProductPage }),
            },
            {
              path: 'workshop',
              lazy: async () => ({ Component: (await import('./workshop-page.tsx')).WorkshopPage }),
            },
            { path: '*', loader: noSuchPage },
          ],
        },
      ],
    },
  ]);
}

function noSuchPage(): never {
  throw new Response(null, { status: 404 });
}
