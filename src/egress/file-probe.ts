import type { AnswerFields, AnswerTaker, ClientRequest, HttpClient } from '../origin/client.ts';
import { beginsLikePicture, type PictureSize, pictureSize } from './picture-size.ts';

/** What the application says of a file of its own that no render needs the content of. */
export interface ProbedFile {
  /** 200 when it is there, else what a browser would be told. */
  readonly status: number;
  /** Where it has moved to. */
  readonly location?: string;
  /** Of a picture, as far as its first bytes tell. */
  readonly size?: PictureSize;
}

/** `unknown` when the application does not say. */
export type FileState = ProbedFile | 'unknown';

/** Holds the size of all but the rarest pictures, behind what cameras write before it. */
const pictureBytes = 32 * 1024;
/** Of an answer that is longer than was asked for, no more is read. */
const mostBytes = 64 * 1024;
const missing: ProbedFile = { status: 404 };

/** Asks for the beginning of a file. Never rejects. */
export function probeFile(client: HttpClient, question: ClientRequest, isPicture: boolean): Promise<FileState> {
  const range = ['range', `bytes=0-${isPicture ? pictureBytes - 1 : 0}`];
  const ranged = { ...question, fields: [...question.fields, ...range] };
  return new Promise((resolve) => {
    function ask(lost: () => void): void {
      const probe = new Probe(isPicture, resolve, lost);
      const asking = client.ask(ranged, probe);
      probe.abort = () => asking.abort();
    }
    // A kept-alive connection may have been closed while the question was on its way.
    ask(() => ask(() => resolve('unknown')));
  });
}

class Probe implements AnswerTaker {
  abort = (): void => {};
  readonly #isPicture: boolean;
  readonly #found: (file: FileState) => void;
  readonly #lost: () => void;
  #isOver = false;
  #status = 0;
  #type = '';
  #begin = Buffer.alloc(0);
  #bytes = 0;
  #lookAt = 1;

  constructor(isPicture: boolean, found: (file: FileState) => void, lost: () => void) {
    this.#isPicture = isPicture;
    this.#found = found;
    this.#lost = lost;
  }

  onHead(status: number, _reason: string, fields: AnswerFields): void {
    const { location } = fields;
    this.#status = status;
    this.#type = String(fields['content-type'] ?? '').toLowerCase();
    if (status >= 300 && status < 400 && typeof location === 'string') return this.#tell({ status, location });
    // Browsers show a picture whatever its status is.
    if (this.#isPicture && this.#type.startsWith('image/')) return;
    if (isPassing(status)) return this.#tell('unknown');
    // An empty file has no range.
    if (status >= 400 && status !== 416) return this.#tell({ status });
    if (this.#isPicture) return;
    // The application's shell comes for every address that it does not have.
    this.#tell(this.#type.startsWith('text/html') ? missing : { status: 200 });
  }

  onBody(piece: Buffer): void {
    this.#bytes += piece.length;
    if (!this.#isOver) {
      this.#begin = Buffer.concat([this.#begin, piece]);
      if (this.#bytes >= this.#lookAt) this.#look();
    }
    // What is left is read so that the connection can be used again, if it is not much.
    if (this.#bytes < mostBytes) return;
    this.#conclude();
    this.abort();
  }

  onEnd(): void {
    this.#conclude();
  }

  onError(_error: Error, wasLost: boolean): void {
    if (wasLost && this.#status === 0) this.#lost();
    else this.#tell('unknown');
  }

  /** Not at each piece, since an answer may come a byte at a time. */
  #look(): void {
    this.#lookAt = 2 * this.#bytes;
    const size = pictureSize(this.#begin, this.#type);
    if (size !== undefined) this.#tell({ status: 200, size });
  }

  /** What is no picture is none for a browser either, whatever its status and type: browsers look at its bytes. */
  #conclude(): void {
    if (this.#isOver) return;
    const isPicture = beginsLikePicture(this.#begin) || (this.#bytes > 0 && this.#type.startsWith('image/'));
    this.#look();
    if (isPicture) this.#tell({ status: 200 });
    else this.#tell(this.#status >= 400 ? { status: this.#status } : missing);
  }

  #tell(file: FileState): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#begin = Buffer.alloc(0);
    this.#found(file);
  }
}

/** It will be otherwise in a moment, for the next one who asks. */
const isPassing = (status: number) => status >= 500 || status === 408 || status === 425 || status === 429;
