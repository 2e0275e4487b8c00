import { useLayoutEffect } from 'react';

interface PageHeadProps {
  readonly title: string;
  readonly description: string;
  /** The page's one path, whatever the address bar says. */
  readonly path: string;
  readonly type?: 'website' | 'product';
  readonly image?: { readonly path: string; readonly alt: string };
}

const houseImage = { path: '/cards/nightjar.png', alt: 'A line of lit lanterns over a lake at dusk' };

/** What search engines and link previews read. React moves these tags into the document's head. */
export function PageHead({ title, description, path, type = 'website', image = houseImage }: PageHeadProps) {
  useTitle(title);
  const address = absolute(path);
  return (
    <>
      <meta name="description" content={description} />
      <link rel="canonical" href={address} />
      <meta property="og:type" content={type} />
      <meta property="og:site_name" content="Nightjar" />
      <meta property="og:title" content={title} />
      <meta property="og:description" content={description} />
      <meta property="og:url" content={address} />
      <meta property="og:image" content={absolute(image.path)} />
      <meta property="og:image:width" content="1200" />
      <meta property="og:image:height" content="630" />
      <meta property="og:image:alt" content={image.alt} />
      <meta name="twitter:card" content="summary_large_image" />
      <meta name="twitter:title" content={title} />
      <meta name="twitter:description" content={description} />
      <meta name="twitter:image" content={absolute(image.path)} />
    </>
  );
}

/** The shell has a title already, and a browser takes the first one: so that one is changed. */
export function useTitle(title: string): void {
  useLayoutEffect(() => {
    document.title = title;
  }, [title]);
}

/** Previews follow absolute addresses only. */
export function absolute(path: string): string {
  return new URL(path, window.location.origin).href;
}
