import type { Site } from './site.ts';

export const devices = ['desktop', 'mobile'] as const;

export type Device = (typeof devices)[number];

/** Identifies one stored page; readable, at most 2 KB, and equal exactly when the inputs of the render are equal. */
export type PageKey = string & { readonly __brand: 'PageKey' };

/** What is to be rendered. Nothing of a request reaches the renderer that is not in here and in the key. */
export interface PageTarget {
  readonly key: PageKey;
  readonly site: Site;
  /** The absolute public URL with its normalised path and query. */
  readonly url: string;
  readonly device: Device;
}
