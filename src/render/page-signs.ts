/** What a page says about its own answer (conventions.md, "From the page"), as found in its live document; unchecked. */
export interface PageSigns {
  /** First `prerender-status-code` in the head. */
  readonly statusCode?: string;
  /** All `prerender-header` contents in the head. */
  readonly headers: readonly string[];
  /** First `render:status_code` and `render:header` (Rendertron's). */
  readonly rendertronStatusCode?: string;
  readonly rendertronHeader?: string;
  /** Words of every `preface-tags`. */
  readonly tags: readonly string[];
}

export interface SerialiseOptions {
  readonly maxHtmlBytes: number;
  readonly shadowDom: 'declarative' | 'flatten';
}

export interface SerialisedPage {
  readonly html: string;
  /** UTF-8 length of `html`. */
  readonly htmlBytes: number;
  readonly signs: PageSigns;
  /** The document's own idea of its address when it was written down. */
  readonly url: string;
  /** Characters of visible text, white space folded; counting ends at 10,000. */
  readonly textLength: number;
  /** Frames, videos, canvases and plug-ins that take a visible area: a page of these alone is not an empty one. */
  readonly embeds: number;
}
