/** What one render of a page does otherwise than those that readers get it from. */
export interface Variant {
  /** Of the window that the page is rendered in, in CSS pixels. */
  readonly width?: number;
  readonly height?: number;
  readonly userAgent?: string;
  /** A name of the IANA time zone database. */
  readonly timeZone?: string;
  /** Beside the HTML. */
  readonly picture?: PictureWish;
}

export interface PictureWish {
  readonly format: PictureFormat;
  /** Down to the page's end, and not only what its window shows first. A PDF has all of it in any case. */
  readonly wholePage: boolean;
}

export const pictureFormats = ['png', 'jpeg', 'pdf'] as const;
export type PictureFormat = (typeof pictureFormats)[number];

/** Equal for variants that ask for the same, and only for those. */
export function variantKey({ width, height, userAgent, timeZone, picture }: Variant): string {
  return JSON.stringify([width, height, userAgent, timeZone, picture?.format, picture?.wholePage]);
}
