import { createContext, type ReactNode, useContext, useMemo, useState } from 'react';

interface Basket {
  readonly count: number;
  add(): void;
}

const BasketContext = createContext<Basket>({ count: 0, add: () => {} });

/** The basket of this visit. It is not kept: the shop is made up, and so are its sales. */
export function BasketProvider({ children }: { readonly children: ReactNode }) {
  const [count, setCount] = useState(0);
  const basket = useMemo(() => ({ count, add: () => setCount((before) => before + 1) }), [count]);
  return <BasketContext value={basket}>{children}</BasketContext>;
}

export function useBasket(): Basket {
  return useContext(BasketContext);
}
