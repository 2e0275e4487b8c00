import type { Clock } from '../clock.ts';
import type { Report } from '../events.ts';
import type { RenderInput } from '../page/snapshot.ts';
import type { ExitRules, ExitTraffic } from './exit.ts';
import { Patience } from './patience.ts';

/** What was found out about a request by the time it ended. */
export type InputFacts = Pick<RenderInput, 'status' | 'verdict'> &
  Partial<
    Pick<
      RenderInput,
      | 'etag'
      | 'lastModified'
      | 'bodyHash'
      | 'headHash'
      | 'noStore'
      | 'requestHash'
      | 'requestBody'
      | 'requestType'
      | 'because'
    >
  >;

/** One request under way, in the books of its render. */
export interface Exchange {
  /** Takes from the render's bytes; false when there are none left, and the answer must be cut. */
  spend(bytes: number): boolean;
  /** Bytes that may still be spent. */
  bytesLeft(): number;
  /** It stays open but is not waited for (an event stream). */
  leaveOpen(): void;
  /** Remembered for the record, should the request be cut before it ends. */
  note(facts: Partial<InputFacts>): void;
  /** Ends it; only the first of these calls counts. */
  finish(facts: InputFacts): void;
  /** Ends it before its time, with what was noted so far. */
  finishCut(): void;
}

export interface ExchangeStart {
  readonly method: string;
  readonly url: string;
  readonly host: string;
  readonly type: string;
  /** Counts as in flight. */
  readonly waitedFor: boolean;
  /** Must end the request at once; called when the render ends before the request does. */
  readonly cut: () => void;
}

interface OpenExchange extends Exchange {
  cut(): void;
}

/** Pictures that come later must not hold up their page; they are known for the next one. */
const patienceMs = 300;

/** The books of one render: what it asked for, what is still open, how much it may still use. */
export class Traffic implements ExitTraffic {
  readonly rules: ExitRules;
  readonly patience: Patience;
  readonly #clock: Clock;
  readonly #report: Report;
  readonly #beganAt: number;
  readonly #ended: () => void;
  readonly #inputs: RenderInput[] = [];
  readonly #open = new Set<OpenExchange>();
  #inFlight = 0;
  #requests = 0;
  #bytesLeft: number;

  constructor(rules: ExitRules, clock: Clock, report: Report, ended: () => void) {
    this.rules = rules;
    this.patience = new Patience(clock, patienceMs);
    this.#clock = clock;
    this.#report = report;
    this.#beganAt = clock.now();
    this.#ended = ended;
    this.#bytesLeft = rules.maxBytes;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Counts a request against the limits; says which of them forbids it, if one does. */
  admit(): 'request-limit' | 'byte-limit' | undefined {
    this.#requests += 1;
    if (this.#requests > this.rules.maxRequests) return 'request-limit';
    return this.#bytesLeft > 0 ? undefined : 'byte-limit';
  }

  start({ method, url, host, type, waitedFor, cut }: ExchangeStart): Exchange {
    const beganAt = this.#clock.now();
    let noted: Partial<InputFacts> = {};
    let bytes = 0;
    let counted = waitedFor;
    if (counted) this.#inFlight += 1;

    const leaveOpen = () => {
      if (counted) this.#inFlight -= 1;
      counted = false;
    };
    const exchange: OpenExchange = {
      cut,
      leaveOpen,
      spend: (amount) => {
        bytes += amount;
        this.#bytesLeft -= amount;
        return this.#bytesLeft >= 0;
      },
      bytesLeft: () => this.#bytesLeft,
      note: (facts) => {
        noted = { ...noted, ...facts };
      },
      finish: (facts) => {
        if (!this.#open.delete(exchange)) return;
        leaveOpen();
        const startedMs = beganAt - this.#beganAt;
        const durationMs = this.#clock.now() - beganAt;
        this.#report({ type: 'egress', verdict: facts.verdict, host });
        // A page that asks without end is refused without end, but not remembered so.
        if (this.#inputs.length < 2 * this.rules.maxRequests)
          this.#inputs.push({ method, url, type, bytes, startedMs, durationMs, ...noted, ...facts });
      },
      finishCut: () => exchange.finish({ status: 0, verdict: 'failed', ...noted }),
    };
    this.#open.add(exchange);
    return exchange;
  }

  /** Notes a host that was refused before any request to it could be read. */
  refused(url: URL): void {
    const { host, href } = url;
    const nothing = () => {};
    this.start({ method: 'CONNECT', url: href, host, type: 'other', waitedFor: false, cut: nothing }).finish({
      status: 0,
      verdict: 'refused',
    });
  }

  end(): readonly RenderInput[] {
    this.#ended();
    for (const exchange of [...this.#open]) {
      exchange.cut();
      exchange.finishCut();
    }
    return this.#inputs;
  }
}
