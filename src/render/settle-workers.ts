import type { CDPSession, Protocol } from 'puppeteer';
import { type WorkerTimers, watchWorker } from './in-page/watch-worker.ts';
import { timeWorkerFrames } from './in-page/worker-frames.ts';
import type { Pending } from './settle-judge.ts';
import type { NetworkAccount } from './settle-network.ts';
import { followNetwork } from './settle-network-events.ts';
import type { SettleRules } from './settle-rules.ts';
import { type StepRules, type StepsTold, WorkerSteps } from './settle-worker-steps.ts';

interface WorkerState {
  readonly url: string;
  /** An answer is outstanding since then. */
  askedMs?: number;
  /** It last answered then, and so was not computing. */
  idleMs: number;
  /** When it was asked what it answered last. */
  heardMs: number;
  readonly steps: WorkerSteps;
}

/**
 * The page's workers. Each is stopped at its birth until it is watched, its requests go into the page's account, and one that
 * computes is told from one that has nothing to do by whether it answers. One that has nothing to do now may still have a step of its
 * job before it (settle-worker-steps.ts).
 */
export class Workers {
  readonly #session: CDPSession;
  readonly #secret: string;
  readonly #network: NetworkAccount;
  readonly #silentMs: number;
  readonly #patienceMs: number;
  readonly #stepRules: StepRules;
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
    this.#stepRules = rules.workerSteps;
    this.#now = now;
    this.#changed = changed;
  }

  /** `framesOnDemand`: Chromium produces none by itself. */
  async install(framesOnDemand: boolean): Promise<void> {
    this.#session.on('Target.attachedToTarget', (event) => this.#attached(event, framesOnDemand));
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

  /**
   * What is pending because some workers owe the page an answer (`owed`, in the page's own account); or, once the page has
   * come to rest (`restingSinceMs`), because they have more to do by themselves.
   */
  open(
    owed: readonly { readonly label: string; readonly sinceMs: number }[],
    restingSinceMs: number | undefined,
  ): Pending[] {
    if (owed.length > 0) return this.#answers(owed);
    return restingSinceMs === undefined ? [] : this.#steps(restingSinceMs);
  }

  #answers(owed: readonly { readonly label: string; readonly sinceMs: number }[]): Pending[] {
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
    const now = this.#now();
    if (now < untilMs) return found;
    for (const [worker, state] of this.#workers) {
      const stepMs = state.steps.waitedUntilMs(sinceMs, now);
      // It has been silent for long enough, its step is over: only one that has nothing to do any more is given up.
      if (state.idleMs >= Math.max(untilMs, stepMs)) continue;
      const label = `worker ${state.url}`;
      if (now < stepMs) {
        found.push({ kind: 'channel', label, sinceMs, untilMs: stepMs });
        continue;
      }
      if (state.askedMs === undefined) this.#ask(worker, state);
      found.push({ kind: 'work', label, sinceMs });
    }
    return found;
  }

  /** What a worker has said is with the page before what it says to us, so only one that is asked now has told all. */
  #steps(restingSinceMs: number): Pending[] {
    const found: Pending[] = [];
    for (const [worker, state] of this.#workers) {
      const now = this.#now();
      const stepMs = state.steps.waitedUntilMs(restingSinceMs, now);
      if (state.askedMs === undefined && now >= stepMs) {
        if (state.heardMs > Math.max(restingSinceMs, stepMs)) continue;
        this.#ask(worker, state);
      }
      const sinceMs = state.askedMs ?? now;
      const untilMs = Math.max(stepMs, sinceMs + (state.askedMs === undefined ? 0 : this.#silentMs));
      found.push({
        kind: 'channel',
        label: `worker ${state.url}`,
        sinceMs,
        untilMs,
        fondUntilMs: sinceMs + this.#patienceMs,
      });
    }
    return found;
  }

  #ask(worker: CDPSession, state: WorkerState): void {
    const askedMs = this.#now();
    state.askedMs = askedMs;
    worker.send('Runtime.evaluate', { expression: `${this.#secret}()`, returnByValue: true, silent: true }).then(
      ({ result }) => {
        delete state.askedMs;
        state.idleMs = this.#now();
        state.heardMs = askedMs;
        state.steps.tell(stepsFrom(result.value, state.idleMs));
        this.#changed();
      },
      () => this.#workers.delete(worker),
    );
  }

  #attached({ sessionId, targetInfo }: Protocol.Target.AttachedToTargetEvent, framesOnDemand: boolean): void {
    const worker = this.#session.connection()?.session(sessionId);
    if (!worker) return;
    const state: WorkerState = { url: targetInfo.url, idleMs: 0, heardMs: 0, steps: new WorkerSteps(this.#stepRules) };
    this.#workers.set(worker, state);
    followNetwork(worker, this.#network, { loaderId: 'worker' });
    worker.on('*', () => this.#changed());
    // Naming the prototype first: a worker that has been stopped so early gets its timers by that.
    const watch = `const ${this.#secret}=(${watchWorker})(WorkerGlobalScope.prototype,performance.now.bind(performance))`;
    const frames = `(${timeWorkerFrames})(self,performance.now.bind(performance))`;
    const commands = [
      worker.send('Network.enable', { maxTotalBufferSize: 0, maxResourceBufferSize: 0 }),
      worker.send('Runtime.evaluate', { expression: watch, silent: true }),
      framesOnDemand && worker.send('Runtime.evaluate', { expression: frames, silent: true }),
      worker.send('Runtime.runIfWaitingForDebugger'),
    ];
    void Promise.all(commands).catch(() => this.#workers.delete(worker));
  }
}

/** The worker's script may have changed whatever its watch builds upon. */
function stepsFrom(value: unknown, nowMs: number): StepsTold {
  const { stepMs, made } = (value ?? {}) as Partial<Record<keyof WorkerTimers, unknown>>;
  const number = (told: unknown) => (typeof told === 'number' && told >= 0 ? told : undefined);
  const inMs = number(stepMs);
  return { dueMs: inMs === undefined ? undefined : nowMs + inMs, made: number(made) ?? 0 };
}
