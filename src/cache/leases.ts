/** Something that one replica at a time may do. */
export interface Lease {
  /** Holds it for another `ttlMs`; false when it was lost, to the end of its time or to a server that forgot. */
  extend(): Promise<boolean>;
  /** Never gives up what another replica has taken since. */
  release(): Promise<void>;
}

/** Leases by name. Whoever dies with one keeps the others waiting for `ttlMs`. Rejects when the replicas cannot be heard. */
export interface Leases {
  take(name: string, ttlMs: number): Promise<Lease | undefined>;
}
