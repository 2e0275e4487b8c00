import { Link, NavLink, Outlet, ScrollRestoration, useNavigation } from 'react-router';
import { BasketProvider, useBasket } from './basket.tsx';

/** What every page has round it. */
export function Layout() {
  const navigation = useNavigation();
  return (
    <BasketProvider>
      <Header />
      <main className={navigation.state === 'loading' ? 'is-loading' : undefined}>
        <Outlet />
      </main>
      <footer className="footer">
        <p>Nightjar is a made-up shop. It comes with Preface, so that there is something to read.</p>
        <p>
          <Link to="/">Lanterns</Link>
          <Link to="/workshop">Workshop</Link>
        </p>
      </footer>
      <ScrollRestoration />
    </BasketProvider>
  );
}

function Header() {
  const { count } = useBasket();
  return (
    <header className="header">
      <Link className="wordmark" to="/">
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <path d="M11 8.5C11 5 21 5 21 8.5" fill="none" stroke="#e9c891" strokeWidth="1.6" />
          <path d="M11 10h10l2 3.5v7L21 24H11l-2-3.5v-7z" fill="#f2a541" />
          <ellipse cx="16" cy="17.5" rx="2.6" ry="4.4" fill="#fff1cc" />
          <path d="M10.5 26h11" stroke="#e9c891" strokeWidth="1.8" strokeLinecap="round" />
        </svg>
        Nightjar
      </Link>
      <nav aria-label="Shop">
        <NavLink to="/" end>
          Lanterns
        </NavLink>
        <NavLink to="/workshop">Workshop</NavLink>
        <output className="basket" aria-label="Lanterns in the basket">
          Basket <b>{count}</b>
        </output>
      </nav>
    </header>
  );
}
