import { Resolver } from 'node:dns/promises';
import type { Clock } from '../clock.ts';
import type { Report } from '../events.ts';
import { createDocumentFetcher } from './fetch-document.ts';
import { publicInternet } from './networks.ts';
import { createReaderVerifier, type ReaderVerifier, type ReaderVerifierSettings } from './reader-verifier.ts';

export interface OpenVerifier extends ReaderVerifier {
  /** Ends what is being fetched. */
  close(): Promise<void>;
}

/** A verifier on this machine's name servers and network. Opens nothing before somebody has to be verified. */
export function openVerifier(
  settings: ReaderVerifierSettings,
  { clock, report }: { readonly clock: Clock; readonly report: Report },
): OpenVerifier {
  const fetcher = createDocumentFetcher(publicInternet(settings.specialNetworks).hasAddress);
  // Its own, so that slow answers about strangers hold up no other lookup of the process.
  const names = new Resolver({ timeout: 1_000, tries: 2 });
  const verifier = createReaderVerifier(settings, { names, fetchDocument: fetcher.fetchDocument, clock, report });
  return {
    forSite: verifier.forSite,
    async close() {
      names.cancel();
      await fetcher.close();
    },
  };
}
