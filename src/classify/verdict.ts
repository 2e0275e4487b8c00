import type { PageTarget } from '../page/page-target.ts';
import type { Reader } from '../page/reader.ts';

/** Why a request is passed through. The same word stands in the log, the metric and `X-Preface`. */
export type PassReason =
  | 'person'
  | 'monitor'
  | 'library'
  | 'method'
  | 'asset'
  | 'excluded'
  | 'credentials'
  | 'own-render'
  | 'loop'
  | 'upgrade'
  | 'range'
  | 'not-html';

export type Verdict =
  | {
      readonly kind: 'page';
      readonly target: PageTarget;
      readonly reader: Reader;
      readonly format: 'html' | 'markdown';
    }
  | { readonly kind: 'pass'; readonly because: PassReason; readonly reader: Reader };

/** What a request says about itself, as far as classification needs it. Missing fields are empty strings. */
export interface RequestFacts {
  readonly method: string;
  /** Origin-form request target, byte for byte: path and query. */
  readonly target: string;
  readonly userAgent: string;
  readonly accept: string;
  readonly secFetchDest: string;
  readonly cookie: string;
  readonly hasAuthorization: boolean;
  readonly hasRange: boolean;
  readonly hasBody: boolean;
  /** Asks for another protocol (`Upgrade`). */
  readonly isUpgrade: boolean;
  /** Carries `X-Prerender`: somebody's renderer is asking. */
  readonly hasPrerenderMark: boolean;
  /** Carries `X-Bufferbot`: a preview that wants the rendered page, whatever its user agent. */
  readonly hasBufferbotMark: boolean;
  /** `CDN-Loop` (RFC 8586) names us. */
  readonly hasLoopMark: boolean;
}

export type Classifier = (facts: RequestFacts) => Verdict;
