import type { PageSigns } from '../page-signs.ts';

/** Reads what the head says about the answer. (Self-contained: it is sent to the page as text.) */
export function readSigns(head: Element | null): PageSigns {
  // Only the head's own children: a `<meta>` in the body may be anybody's comment.
  const metas = Array.from(head?.children ?? []).filter((child) => child instanceof HTMLMetaElement);
  const all = (name: string) =>
    metas.filter((meta) => meta.name.trim().toLowerCase() === name).map((meta) => meta.content);

  const statusCode = all('prerender-status-code')[0];
  const rendertronStatusCode = all('render:status_code')[0];
  const rendertronHeader = all('render:header')[0];
  return {
    ...(statusCode !== undefined && { statusCode }),
    headers: all('prerender-header'),
    ...(rendertronStatusCode !== undefined && { rendertronStatusCode }),
    ...(rendertronHeader !== undefined && { rendertronHeader }),
    tags: all('preface-tags').flatMap((content) => content.split(/[\s,]+/).filter((word) => word !== '')),
  };
}

/**
 * Puts first in the copied head what readers look for first, since some read the beginning of a page only: the character set,
 * the base, the title, the metas, the links that name the page, JSON-LD. All else keeps its order, so the cascade does too.
 * (Self-contained: it is sent to the page as text.)
 */
export function orderHead(head: Element): void {
  const charset = head.ownerDocument.createElement('meta');
  charset.setAttribute('charset', 'utf-8');
  for (const meta of head.querySelectorAll(':scope > meta[charset], :scope > meta[http-equiv="content-type" i]'))
    meta.remove();

  const early = [
    'base',
    'title',
    'meta',
    'link:is([rel~="canonical" i], [rel~="alternate" i][hreflang], [rel~="amphtml" i], [rel~="prev" i], [rel~="next" i])',
    'script[type="application/ld+json" i]',
  ];
  const first = early.flatMap((selector) => Array.from(head.querySelectorAll(`:scope > ${selector}`)));
  head.prepend(charset, ...first);
}
