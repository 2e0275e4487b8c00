import { lazy, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { createBrowserRouter, RouterProvider } from 'react-router';

// The smallest application that still has what most have: a router, a lazy route, and data that needs other data first.
const Item = lazy(() => import('./item.tsx').then(({ Item }) => ({ default: Item })));
const router = createBrowserRouter([
  {
    path: '/items/:id',
    element: (
      <Suspense fallback="one moment">
        <Item />
      </Suspense>
    ),
  },
]);
const root = document.getElementById('root');
if (root !== null) createRoot(root).render(<RouterProvider router={router} />);
