import type { Verified } from '../page/reader.ts';

/** A request as far as its signature can speak about it; Node's own requests have this form. */
export interface SignedMessage {
  readonly method?: string | undefined;
  /** The origin-form request target. */
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** A reader and what can be held against what it says about itself. */
export interface ReaderClaim {
  /** The crawler that its user agent names. */
  readonly name: string | undefined;
  /** The client's address, behind the proxies that are trusted. Asked for only when it matters. */
  address(): string;
  readonly message: SignedMessage;
}

/** Tells whether a reader is who it says. */
export interface ReaderCheck {
  /** A forged reader does not get the rendered page. */
  readonly isStrict: boolean;
  /**
   * At once for everybody who was seen lately. Never rejects. Who is unknown is looked up behind: `pending` at once when labelling,
   * a promise that takes a fraction of a second at most when strict.
   */
  check(claim: ReaderClaim): Verified | Promise<Verified>;
}
