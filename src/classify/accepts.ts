/** What a request is after, by `Accept` and `Sec-Fetch-Dest`: a document, something that goes into one, or data. */
export function askedFor(accept: string, secFetchDest: string): 'document' | 'asset' | 'data' {
  if (secFetchDest !== '') {
    if (documentDestinations.has(secFetchDest)) return 'document';
    return secFetchDest === 'empty' ? 'data' : 'asset';
  }
  if (accept === '' || acceptsHtml.test(accept)) return 'document';
  // An image's Accept ends with a wildcard too; what it begins with is what it is after.
  if (beginsWithAsset.test(accept)) return 'asset';
  return accept.includes('*/*') || accept.includes('text/*') || acceptsMarkdown.test(accept) ? 'document' : 'data';
}

/** Whether Markdown is named and liked at least as well as HTML (RFC 9110 §12.5.1). Wildcards do not ask for it. */
export function prefersMarkdown(accept: string): boolean {
  const markdown = weight(acceptsMarkdown.exec(accept));
  return markdown > 0 && markdown >= weight(acceptsHtml.exec(accept));
}

const documentDestinations = new Set(['document', 'iframe', 'frame', 'fencedframe']);
const beginsWithAsset = /^\s*(?:image\/|video\/|audio\/|font\/|text\/css)/i;
const acceptsHtml = /(?:text\/html|application\/xhtml\+xml)([^,]*)/i;
const acceptsMarkdown = /text\/(?:x-)?markdown([^,]*)/i;

function weight(range: RegExpExecArray | null): number {
  if (range === null) return 0;
  const q = /;\s*q\s*=\s*([\d.]+)/i.exec(range[1] ?? '');
  return q === null ? 1 : Number(q[1]);
}
