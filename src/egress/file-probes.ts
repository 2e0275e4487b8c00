import { imageSize } from 'image-size';
import type { Clock } from '../clock.ts';
import type { AnswerFields, AnswerTaker, ClientRequest, HttpClient } from '../origin/client.ts';
import { setLatest } from './latest.ts';

/** What the application says of a file of its own that no render needs the content of. */
export interface ProbedFile {
  /** 200 when it is there, else what a browser would be told. */
  readonly status: number;
  /** Where it has moved to. */
  readonly location?: string;
  /** Of a picture, as far as its first bytes tell. */
  readonly size?: PictureSize;
}

/** In pixels, at least one and no more than a GIF can have. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Remembers what became of each question, so that a file is not asked for in every render. */
export interface FileProbes {
  /**
   * What is known of the file, or is found out by the question, which need not have a `Range`. Undefined, after {@link patienceMs} at the latest, when
   * the application does not say.
   */
  probe(key: string, client: HttpClient, question: ClientRequest, isPicture: boolean): Promise<ProbedFile | undefined>;
  /** All files are asked for again. */
  clear(): void;
}

interface Known {
  readonly file: ProbedFile | undefined;
  readonly until: number;
}

/** A picture that comes later than that must not hold up its page; it is known for the next one. */
export const patienceMs = 300;
/** Holds the size of all but the rarest pictures, behind what cameras write before it. */
const pictureBytes = 32 * 1024;
/** More than was asked for is not waited for. */
const mostBytes = 64 * 1024;
const maxKnown = 20_000;
const presentMs = 3_600_000;
/** It may be put there at any time. */
const absentMs = 60_000;

export function createFileProbes(clock: Clock): FileProbes {
  const known = new Map<string, Known>();
  const asked = new Map<string, Promise<ProbedFile | undefined>>();

  async function ask(key: string, client: HttpClient, question: ClientRequest, isPicture: boolean) {
    const file = await askOnce(client, question, isPicture);
    const isThere = file?.status === 200;
    // What was forgotten meanwhile stays so.
    if (asked.delete(key))
      setLatest(known, key, { file, until: clock.now() + (isThere ? presentMs : absentMs) }, maxKnown);
    return file;
  }

  return {
    async probe(key, client, question, isPicture) {
      const held = known.get(key);
      if (held !== undefined && clock.now() < held.until) return held.file;
      let asking = asked.get(key);
      if (asking === undefined) {
        asking = ask(key, client, question, isPicture);
        asked.set(key, asking);
      }
      return soon(asking, clock);
    },
    clear() {
      known.clear();
      asked.clear();
    },
  };
}

function soon<T>(promise: Promise<T>, clock: Clock): Promise<T | undefined> {
  return new Promise((resolve) => {
    const cancel = clock.after(patienceMs, () => resolve(undefined));
    void promise.then((value) => {
      cancel();
      resolve(value);
    });
  });
}

/** Never rejects. */
function askOnce(client: HttpClient, question: ClientRequest, isPicture: boolean): Promise<ProbedFile | undefined> {
  return new Promise((resolve) => {
    const range = ['range', `bytes=0-${isPicture ? pictureBytes - 1 : 0}`];
    const probe = new Probe(isPicture, resolve);
    const asking = client.ask({ ...question, fields: [...question.fields, ...range] }, probe);
    probe.abort = () => asking.abort();
  });
}

class Probe implements AnswerTaker {
  abort = (): void => {};
  readonly #isPicture: boolean;
  readonly #found: (file: ProbedFile | undefined) => void;
  #isWanted = true;
  #isPictureType = false;
  readonly #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(isPicture: boolean, found: (file: ProbedFile | undefined) => void) {
    this.#isPicture = isPicture;
    this.#found = found;
  }

  onHead(status: number, _reason: string, fields: AnswerFields): void {
    const { location } = fields;
    this.#isPictureType = String(fields['content-type'] ?? '').startsWith('image/');
    // Browsers show a picture whatever its status is.
    if (this.#isPicture && this.#isPictureType) return;
    if (isRedirect(status) && typeof location === 'string') this.#tell({ status, location });
    // An empty file has no range.
    else if (status >= 400 && status !== 416) this.#tell({ status });
    else if (!this.#isPicture) this.#tell({ status: 200 });
  }

  onBody(piece: Buffer): void {
    this.#bytes += piece.length;
    if (this.#isWanted) {
      this.#pieces.push(piece);
      const size = sizeOf(Buffer.concat(this.#pieces));
      if (size !== undefined) this.#tell({ status: 200, size });
    }
    // What is left is read so that the connection can be used again, if it is not much.
    if (this.#bytes < mostBytes) return;
    this.#tell({ status: 200 });
    this.abort();
  }

  onEnd(): void {
    // What is no picture is none for a browser either, whatever its status: often it is the application's shell.
    this.#tell(this.#isPictureType ? { status: 200 } : { status: 404 });
  }

  onError(): void {
    this.#tell(undefined);
  }

  #tell(file: ProbedFile | undefined): void {
    if (!this.#isWanted) return;
    this.#isWanted = false;
    this.#pieces.length = 0;
    this.#found(file);
  }
}

const isRedirect = (status: number) => status >= 300 && status < 400 && status !== 304;

function sizeOf(bytes: Buffer): PictureSize | undefined {
  try {
    const { width, height, orientation } = imageSize(bytes);
    const isTurned = orientation !== undefined && orientation >= 5;
    const [across, down] = isTurned ? [height, width] : [width, height];
    return { width: withinGif(across), height: withinGif(down) };
  } catch {
    return undefined;
  }
}

const withinGif = (pixels: number) => Math.max(1, Math.min(65_535, Math.round(pixels)));
