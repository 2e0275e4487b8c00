import { randomBytes } from 'node:crypto';
import type { CDPSession } from 'puppeteer';
import { type Clock, systemClock } from '../clock.ts';
import { messageOf, RenderError } from '../errors.ts';
import type { FrameMessage } from './in-page/control.ts';
import { Whereabouts } from './settle-departure.ts';
import { FrameTree } from './settle-frames.ts';
import { type Facts, type Judgement, judge } from './settle-judge.ts';
import { JumpAccount } from './settle-jumps.ts';
import { Looking } from './settle-looks.ts';
import { frameMessage } from './settle-messages.ts';
import { NetworkAccount } from './settle-network.ts';
import { followNetwork } from './settle-network-events.ts';
import { pendingThings, pendingWords } from './settle-pending.ts';
import { type SettleRules, settleRules } from './settle-rules.ts';
import { settleSource } from './settle-source.ts';
import { Workers } from './settle-workers.ts';
import type { AttachSettler, SettleOutcome, Settler, SettleSettings } from './settling.ts';
import type { TabFrames } from './tab-frames.ts';

/** Puts the settle engine into a tab (docs/decisions/0004-settling.md). */
export const attachSettler: AttachSettler = async (session, settings, frames) => {
  const settler = new TabSettler(session, settings, systemClock, frames);
  await settler.install();
  return settler;
};

interface Waiter {
  resolve(outcome: SettleOutcome): void;
  reject(cause: RenderError): void;
}

/** Gathers the facts, has them judged, and does what the judgement says. */
class TabSettler implements Settler {
  readonly #session: CDPSession;
  readonly #usual: SettleSettings;
  #rules: SettleRules;
  readonly #clock: Clock;
  readonly #supply: TabFrames | undefined;
  // Random, so that no page can know them.
  readonly #secret = `p${randomBytes(16).toString('hex')}`;
  readonly #binding = `p${randomBytes(16).toString('hex')}`;
  readonly #network: NetworkAccount;
  readonly #frames: FrameTree;
  readonly #workers: Workers;
  readonly #whereabouts: Whereabouts;
  readonly #jumps: JumpAccount;
  readonly #looking: Looking;
  #active = false;
  #waiter: Waiter | undefined;
  #dead: RenderError | undefined;
  /** What a document has told makes no sense; another document may do better. */
  #broken: RenderError | undefined;
  #considering = false;
  #disarm = () => {};
  #unready = false;
  #signalled = false;
  #latestMs = 0;

  constructor(session: CDPSession, settings: SettleSettings, clock: Clock, supply: TabFrames | undefined) {
    const now = () => clock.now();
    this.#session = session;
    this.#usual = settings;
    this.#rules = settleRules(settings);
    this.#clock = clock;
    this.#supply = supply;
    this.#network = new NetworkAccount(this.#rules.network, now);
    this.#frames = new FrameTree(session, this.#secret, now);
    this.#workers = new Workers(session, this.#secret, this.#network, this.#rules, now, () => this.#changed());
    this.#whereabouts = new Whereabouts(this.#rules.mostReloads);
    this.#jumps = new JumpAccount(this.#frames);
    this.#looking = new Looking(this.#frames, now, {
      changed: () => this.#changed(),
      failed: (cause) => this.#fail(cause),
    });
  }

  async install(): Promise<void> {
    const session = this.#session;
    const { frameTree } = await session.send('Page.getFrameTree');
    this.#listen(frameTree.frame.id);
    await Promise.all([
      session.send('Page.enable'),
      session.send('Network.enable', { maxTotalBufferSize: 0, maxResourceBufferSize: 0 }),
      session.send('Runtime.enable'),
      // In full Chromium only one tab of a window is visible, and the others get no frames.
      session.send('Emulation.setFocusEmulationEnabled', { enabled: true }),
      session.send('Runtime.addBinding', { name: this.#binding }),
      session.send('Page.addScriptToEvaluateOnNewDocument', {
        source: settleSource(this.#secret, this.#binding, this.#supply !== undefined),
      }),
      this.#workers.install(this.#supply !== undefined),
    ]);
  }

  begin(documentUrl: string, settings = this.#usual): void {
    this.end();
    this.#rules = settleRules(settings);
    this.#network.begin(this.#rules.network);
    this.#whereabouts.begin(documentUrl);
    this.#jumps.clear();
    this.#broken = undefined;
    this.#unready = false;
    this.#signalled = false;
    this.#looking.clear();
    this.#active = true;
  }

  end(): void {
    this.#active = false;
    this.#disarm();
    this.#waiter?.reject(new RenderError('aborted', 'the page was given up'));
    this.#waiter = undefined;
    this.#supply?.forget();
    this.#frames.clear();
    this.#workers.clear();
  }

  async settled(limitMs: number, signal: AbortSignal): Promise<SettleOutcome> {
    const { promise, resolve, reject } = Promise.withResolvers<SettleOutcome>();
    const aborted = () =>
      reject(new RenderError('aborted', 'nobody waits for the page any more', { cause: signal.reason }));
    if (signal.aborted) aborted();
    const failed = this.#dead ?? this.#broken;
    if (failed) reject(failed);
    signal.addEventListener('abort', aborted, { once: true });
    const disarm = this.#clock.after(limitMs, () => this.#finish('timeout', pendingWords(this.#accounts)));
    this.#latestMs = this.#clock.now() + limitMs * this.#rules.quietShare;
    this.#waiter = { resolve, reject };
    this.#changed();
    try {
      return await promise;
    } finally {
      disarm();
      this.#disarm();
      this.#waiter = undefined;
      signal.removeEventListener('abort', aborted);
    }
  }

  #listen(mainFrame: string): void {
    const session = this.#session;
    followNetwork(session, this.#network, { wants: (event) => this.#whereabouts.wants(event) });
    this.#whereabouts.follow(session, mainFrame, (loaderId) => this.#network.keepOnly(loaderId));
    session.on('Page.frameDetached', ({ frameId, reason }) => {
      if (reason === 'swap') this.#network.frameGone(frameId);
    });
    session.on('Runtime.executionContextsCleared', () => {
      this.#frames.clear();
      this.#broken = undefined;
    });
    session.on('Runtime.executionContextDestroyed', (event) => this.#frames.removed(event.executionContextId));
    session.on('Runtime.bindingCalled', ({ name, payload, executionContextId }) => {
      if (name === this.#binding) this.#heard(executionContextId, payload);
    });
    const died = () => {
      this.#dead = new RenderError('crash', 'the tab died');
      this.#waiter?.reject(this.#dead);
    };
    session.on('Inspector.targetCrashed', died);
    session.once('Inspector.detached', died);
    session.on('*', () => this.#changed());
  }

  /** Never throws: it is called inside the browser's connection, where that would be the end of the whole process. */
  #heard(context: number, payload: string): void {
    try {
      this.#understood(context, frameMessage(payload));
    } catch (cause) {
      this.#fail(cause);
    }
  }

  #fail(cause: unknown): void {
    this.#broken = cause instanceof RenderError ? cause : new RenderError('crash', messageOf(cause), { cause });
    this.#waiter?.reject(this.#broken);
  }

  #understood(context: number, message: FrameMessage): void {
    switch (message.type) {
      case 'hello':
        return this.#frames.added(context, message.top);
      case 'signal':
        // A frame inside says nothing about the page.
        if (!this.#frames.isTop(context)) return;
        this.#unready = message.unready;
        if (message.given) this.#signal();
        return;
      case 'frame':
        if (this.#active) this.#supply?.want(message.painted);
        return;
      case 'state':
        this.#frames.told(context, message.state);
        if (this.#frames.answered) this.#jumps.answered(this.#clock.now());
    }
  }

  /** The page says that it is done: what it has set going by messages and in frames still belongs to it, nothing else does. */
  #signal(): void {
    if (this.#signalled) return;
    this.#signalled = true;
    this.#frames.ask({ mode: 'all' }, this.#network.version);
    this.#arm(this.#clock.now() + this.#rules.afterSignalMs);
  }

  /** Many events come in one go; they are looked at together. */
  #changed(): void {
    if (this.#considering || !this.#waiter) return;
    this.#considering = true;
    setImmediate(() => {
      this.#considering = false;
      if (this.#waiter && this.#active) this.#consider();
    });
  }

  #consider(): void {
    const { left, loaded, lost } = this.#whereabouts;
    if (left !== undefined) return this.#finish('redirect', [], left);
    if (lost) return this.#finish('timeout', ['the page went away']);
    if (this.#signalled) {
      const late = this.#clock.now() >= (this.#frames.askedMs ?? 0) + this.#rules.afterSignalMs;
      if (late || this.#frames.answered) this.#finish('ready-signal', pendingWords(this.#accounts));
      return;
    }
    if (loaded && this.#frames.present) this.#act(judge(this.#facts(), this.#rules.judge));
  }

  #act(judgement: Judgement): void {
    const now = this.#clock.now();
    switch (judgement.kind) {
      case 'wait':
        return this.#arm(judgement.untilMs);
      case 'look':
        return this.#looking.take(this.#progressMs(), this.#rules.someText);
      case 'ask': {
        const { kind: _, ...question } = judgement;
        if (question.byMs !== undefined) this.#jumps.began(now, question.extendMs || this.#rules.judge.strideMs);
        if (question.mode === 'nothing') this.#jumps.held();
        this.#frames.ask(question, this.#network.version);
        return this.#arm(now + this.#rules.judge.longRequestMs);
      }
      case 'done': {
        const endless = judgement.because === 'restless' ? ['the page goes on without end'] : [];
        const redirectTo = this.#whereabouts.announced(this.#rules.judge.horizonMs);
        const pending = [...endless, ...pendingWords(this.#accounts)];
        return this.#finish(redirectTo === undefined ? 'settled' : 'redirect', pending, redirectTo);
      }
    }
  }

  #facts(): Facts {
    const progressMs = this.#progressMs();
    return {
      nowMs: this.#clock.now(),
      pending: pendingThings(this.#accounts, this.#rules),
      progressMs,
      sinceNewsMs: this.#jumps.sinceNews(this.#network.newsMs, this.#clock.now()),
      quiet: this.#frames.quiet(this.#network.version),
      askedMs: this.#frames.askedMs,
      looks: this.#looking.since(progressMs)?.looks,
      seen: this.#looking.seen,
      unready: this.#unready,
      latestMs: this.#latestMs,
      jumps: this.#jumps.since(progressMs),
      polling: this.#network.repeating,
    };
  }

  get #accounts() {
    return { network: this.#network, frames: this.#frames, workers: this.#workers };
  }

  #progressMs(): number {
    return Math.max(this.#network.progressMs, this.#frames.progressMs);
  }

  #arm(untilMs: number | undefined): void {
    this.#disarm();
    if (untilMs === undefined) return;
    this.#disarm = this.#clock.after(Math.max(1, untilMs - this.#clock.now()), () => this.#changed());
  }

  #finish(stoppedBy: SettleOutcome['stoppedBy'], pending: readonly string[], redirectTo?: string): void {
    // From here on the page stands still, so that what is written down is what was judged.
    if (this.#frames.mode !== 'nothing') this.#frames.ask({ mode: 'nothing' }, this.#network.version);
    const skippedMs = Math.round(this.#frames.skippedMs);
    this.#waiter?.resolve({
      stoppedBy,
      pending: pending.slice(0, 20),
      skippedMs,
      ...(redirectTo !== undefined && { redirectTo }),
    });
  }
}
