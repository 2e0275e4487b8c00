export interface Flushable {
  flush(): void;
}

/**
 * Answers that have begun in this turn of the event loop. What has come together leaves together, in one piece; what has not come by the
 * end of the turn must not keep the rest waiting (event streams). One callback serves all of them.
 */
export class Flushes {
  #begun: Flushable[] = [];

  add(answer: Flushable): void {
    if (this.#begun.length === 0) setImmediate(() => this.#flush());
    this.#begun.push(answer);
  }

  #flush(): void {
    const begun = this.#begun;
    this.#begun = [];
    for (const answer of begun) answer.flush();
  }
}
