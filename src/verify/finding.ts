/** How a claim can be checked against the address it comes from. */
export type VerificationMethod =
  /** Addresses published as JSON; `suffixes` of reverse DNS names where the operator gives those as well. */
  | { readonly method: 'ranges'; readonly url: string; readonly suffixes?: readonly string[] }
  /** Reverse DNS under one of the suffixes, confirmed by a forward lookup. */
  | { readonly method: 'dns'; readonly suffixes: readonly string[] }
  /** Nothing is published that can be relied on. */
  | { readonly method: 'none' };

/** What came out of a check, and why. */
export type Finding =
  | { readonly verdict: 'verified'; readonly because: 'in-ranges' | 'name-confirmed' | 'signature' }
  | { readonly verdict: 'forged'; readonly because: 'not-in-ranges' | 'name-refuted' | SignatureProblem }
  | { readonly verdict: 'unverifiable'; readonly because: Doubt };

/** Why a claim could be neither proven nor refuted. */
export type Doubt =
  /** The crawler publishes nothing that it could be recognised by, or is unknown. */
  | 'no-method'
  /** The address is none of the public internet: a proxy in front of us that is not trusted hides the client. */
  | 'private-address'
  /** The newest list that could be had is too old to say that an address is not in it. */
  | 'ranges-outdated'
  /** The name servers, or the server of the signer's keys, gave no usable answer. */
  | 'lookup-failed'
  /** Too many checks are under way. */
  | 'busy';

/** Why a signature of a known agent does not count. */
export type SignatureProblem =
  | 'signature-invalid'
  | 'signature-expired'
  | 'signature-not-yet-valid'
  | 'signature-lasts-too-long'
  | 'signature-covers-too-little'
  | 'signature-algorithm'
  | 'signature-key-unknown';
