/** The title in a page that was written down by a browser, which escapes these characters in text and no others (HTML standard §13.3); undefined without one. */
export function titleIn(html: string): string | undefined {
  const written = /<title[^>]*>([^<]*)<\/title>/i.exec(html)?.[1]?.trim();
  if (written === undefined || written === '') return undefined;
  return written.replace(/&(amp|lt|gt|nbsp);/g, (_whole, name: keyof typeof characters) => characters[name]);
}

const characters = { amp: '&', lt: '<', gt: '>', nbsp: ' ' } as const;
