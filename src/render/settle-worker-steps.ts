export interface StepRules {
  /** The most that the steps of one worker are waited for in all. */
  readonly mostMs: number;
  /** So many of them, or for so long, with nothing heard of it meanwhile: it is no job but a loop. */
  readonly unheard: number;
  readonly unheardMs: number;
}

/** What a worker told when it was asked: when its next step is due, if there is one, and how many have been made. */
export interface StepsTold {
  readonly dueMs: number | undefined;
  readonly made: number;
}

/** How long one worker is waited for because of its own one-shot timers, the steps of its job. It may as well go on with them for ever. */
export class WorkerSteps {
  readonly #rules: StepRules;
  #told: StepsTold = { dueMs: undefined, made: 0 };
  #untilMs = 0;
  #grantedMs = 0;
  #unheard = { sinceMs: Number.NEGATIVE_INFINITY, madeBefore: 0, grantedMs: 0 };

  constructor(rules: StepRules) {
    this.#rules = rules;
  }

  tell(told: StepsTold): void {
    this.#told = told;
  }

  /** Until when it is waited for; in the past where there is nothing more to wait for. `heardMs`: it may have said something then. */
  waitedUntilMs(heardMs: number, nowMs: number): number {
    const { dueMs, made } = this.#told;
    if (dueMs === undefined) return this.#untilMs;
    this.#told = { dueMs: undefined, made };
    if (this.#unheard.sinceMs !== heardMs) this.#unheard = { sinceMs: heardMs, madeBefore: made, grantedMs: 0 };
    const { mostMs, unheard, unheardMs } = this.#rules;
    const neededMs = Math.max(1, dueMs - nowMs);
    const loops = made - this.#unheard.madeBefore >= unheard && this.#unheard.grantedMs + neededMs > unheardMs;
    if (loops || this.#grantedMs + neededMs > mostMs) return this.#untilMs;
    this.#grantedMs += neededMs;
    this.#unheard.grantedMs += neededMs;
    this.#untilMs = nowMs + neededMs;
    return this.#untilMs;
  }
}
