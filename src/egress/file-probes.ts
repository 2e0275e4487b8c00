import type { Clock } from '../clock.ts';
import { setLatest } from '../latest.ts';
import type { ClientRequest, HttpClient } from '../origin/client.ts';
import { type FileState, probeFile } from './file-probe.ts';

/** Remembers what the application says of its files, so that it is not asked in every render. */
export interface FileProbes {
  /**
   * What is known of a file, or will be by a question of the given kind, without a `Range`. Never rejects.
   * @param key undefined for an answer that is for the asker alone
   */
  of(key: string | undefined, client: HttpClient, question: ClientRequest, isPicture: boolean): State;
  /** All files are asked for again. */
  clear(): void;
}

type State = FileState | Promise<FileState>;

interface Known {
  readonly file: FileState;
  readonly until: number;
}

const maxKnown = 20_000;
/** Of an application that does not answer, no more is asked meanwhile. */
const mostUnderWay = 100;
const presentMs = 3_600_000;
/** It may be put there at any time. */
const missingMs = 60_000;
const unknownMs = 10_000;

export function createFileProbes(clock: Clock): FileProbes {
  const known = new Map<string, Known>();
  const asked = new Map<string, Promise<FileState>>();
  let underWay = 0;

  async function probe(client: HttpClient, question: ClientRequest, isPicture: boolean): Promise<FileState> {
    underWay += 1;
    const file = await probeFile(client, question, isPicture);
    underWay -= 1;
    return file;
  }

  function ask(key: string, asking: Promise<FileState>): Promise<FileState> {
    asked.set(key, asking);
    void asking.then((file) => {
      // All may have been forgotten meanwhile, and asked for again.
      if (asked.get(key) !== asking) return;
      asked.delete(key);
      setLatest(known, key, { file, until: clock.now() + keptMs(file) }, maxKnown);
    });
    return asking;
  }

  return {
    of(key, client, question, isPicture) {
      const held = key === undefined ? undefined : known.get(key);
      if (held !== undefined && clock.now() < held.until) return held.file;
      const asking = key === undefined ? undefined : asked.get(key);
      if (asking !== undefined) return asking;
      if (underWay >= mostUnderWay) return 'unknown';
      const probing = probe(client, question, isPicture);
      return key === undefined ? probing : ask(key, probing);
    },
    clear() {
      known.clear();
      asked.clear();
    },
  };
}

function keptMs(file: FileState): number {
  if (file === 'unknown') return unknownMs;
  return file.status === 200 ? presentMs : missingMs;
}
