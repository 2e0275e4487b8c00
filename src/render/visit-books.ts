import type { PageTarget } from '../page/page-target.ts';
import type { RenderInput } from '../page/snapshot.ts';
import type { Variant } from '../page/variant.ts';
import { collectCachedInputs } from './cached-inputs.ts';
import { collectConsoleErrors } from './console-errors.ts';
import { type DocumentWatch, watchDocument } from './document-answer.ts';
import type { Tab } from './tab.ts';

export interface VisitLimits {
  readonly maxBytes: number;
  readonly maxRequests: number;
  readonly variant?: Variant | undefined;
}

/** What is written down of a visit while it lasts. */
export interface Books {
  readonly document: DocumentWatch;
  readonly errors: readonly string[];
  /** Ends the page's permission to go out and tells all that went into it. Only the first call does anything. */
  close(): readonly RenderInput[];
}

/** Lets the tab out to the target's site, and keeps account from then on. */
export function openBooks(tab: Tab, { url, site }: PageTarget, { maxBytes, maxRequests, variant }: VisitLimits): Books {
  const sharesAssets = variant?.userAgent === undefined;
  const traffic = tab.exit.begin({ site, documentUrl: url, maxBytes, maxRequests, sharesAssets });
  const document = watchDocument(tab.session, tab.frameId, url);
  const cached = collectCachedInputs(tab.session, tab.exit);
  const complaints = collectConsoleErrors(tab.session);
  let inputs: readonly RenderInput[] | undefined;
  return {
    document,
    errors: complaints.errors,
    close() {
      if (inputs === undefined) {
        for (const watch of [document, cached, complaints]) watch.stop();
        inputs = [...traffic.end(), ...cached.inputs].sort((a, b) => a.startedMs - b.startedMs);
      }
      return inputs;
    },
  };
}
