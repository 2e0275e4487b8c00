import type { CDPSession, Protocol } from 'puppeteer';
import { watchWorker } from './in-page/watch-worker.ts';
import type { Pending } from './settle-judge.ts';
import { followNetwork, type NetworkAccount } from './settle-network.ts';
import type { SettleRules } from './settle-rules.ts';

interface WorkerState {
  readonly url: string;
  /** An answer is outstanding since then. */
  askedMs?: number;
  /** It last answered then, and so was not computing. */
  idleMs: number;
  /** A timer of the worker's own is due then. */
  dueMs?: number;
}

/**
 * The page's workers. Each is stopped at its birth until it is watched, its requests go into the page's account, and one that
 * computes is told from one that has nothing to do by whether it answers.
 */
export class Workers {
  readonly #session: CDPSession;
  readonly #secret: string;
  readonly #network: NetworkAccount;
  readonly #silentMs: number;
  readonly #patienceMs: number;
  readonly #now: () => number;
  readonly #changed: () => void;
  readonly #workers = new Map<CDPSession, WorkerState>();

  constructor(
    session: CDPSession,
    secret: string,
    network: NetworkAccount,
    rules: SettleRules,
    now: () => number,
    changed: () => void,
  ) {
    this.#session = session;
    this.#secret = secret;
    this.#network = network;
    this.#silentMs = rules.silentWorkerMs;
    this.#patienceMs = rules.network.patienceMs;
    this.#now = now;
    this.#changed = changed;
  }

  async install(): Promise<void> {
    this.#session.on('Target.attachedToTarget', (event) => this.#attached(event));
    await this.#session.send('Target.setAutoAttach', {
      autoAttach: true,
      waitForDebuggerOnStart: true,
      flatten: true,
      filter: [{ type: 'worker' }, { exclude: true }],
    });
  }

  clear(): void {
    this.#workers.clear();
  }

  /** What is pending because some workers owe the page an answer (`owed`, in the page's own account). */
  open(owed: readonly { readonly label: string; readonly sinceMs: number }[]): Pending[] {
    if (owed.length === 0) return [];
    const found: Pending[] = [];
    const sinceMs = Math.max(this.#network.progressMs, ...owed.map((worker) => worker.sinceMs));
    const untilMs = sinceMs + this.#silentMs;
    for (const { label } of owed) {
      found.push({
        kind: 'channel',
        label: `worker ${label}`,
        sinceMs,
        untilMs,
        fondUntilMs: sinceMs + this.#patienceMs,
      });
    }
    if (this.#now() < untilMs) return found;
    for (const [worker, state] of this.#workers) {
      const { dueMs = 0, idleMs } = state;
      // It has been silent for long enough, or its timer is due: only one that has nothing to do any more is given up.
      const settled = idleMs >= untilMs && idleMs > dueMs;
      if (!settled && state.askedMs === undefined && this.#now() >= dueMs) this.#ask(worker, state);
      if (settled) continue;
      const label = `worker ${state.url}`;
      found.push({ kind: 'work', label, sinceMs });
      if (dueMs > this.#now()) found.push({ kind: 'channel', label, sinceMs, untilMs: dueMs });
    }
    return found;
  }

  #ask(worker: CDPSession, state: WorkerState): void {
    state.askedMs = this.#now();
    worker.send('Runtime.evaluate', { expression: `${this.#secret}()`, returnByValue: true, silent: true }).then(
      ({ result }) => {
        delete state.askedMs;
        delete state.dueMs;
        state.idleMs = this.#now();
        if (typeof result.value === 'number') state.dueMs = state.idleMs + result.value;
        this.#changed();
      },
      () => this.#workers.delete(worker),
    );
  }

  #attached({ sessionId, targetInfo }: Protocol.Target.AttachedToTargetEvent): void {
    const worker = this.#session.connection()?.session(sessionId);
    if (!worker) return;
    const state: WorkerState = { url: targetInfo.url, idleMs: 0 };
    this.#workers.set(worker, state);
    followNetwork(worker, this.#network, { loaderId: 'worker' });
    worker.on('*', () => this.#changed());
    const commands = [
      worker.send('Network.enable', { maxTotalBufferSize: 0, maxResourceBufferSize: 0 }),
      worker.send('Runtime.evaluate', { expression: `const ${this.#secret}=(${watchWorker})(self)`, silent: true }),
      worker.send('Runtime.runIfWaitingForDebugger'),
    ];
    void Promise.all(commands).catch(() => this.#workers.delete(worker));
  }
}
