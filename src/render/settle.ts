import { randomBytes } from 'node:crypto';
import type { CDPSession } from 'puppeteer';
import { type Clock, systemClock } from '../clock.ts';
import { RenderError } from '../errors.ts';
import type { FrameMessage, FrameState } from './in-page/control.ts';
import { type Departure, departure, movedTo } from './settle-departure.ts';
import { type FrameOperation, Frames } from './settle-frames.ts';
import { type Facts, type Judgement, judge, type Looks, looksOf, type Pending } from './settle-judge.ts';
import { NetworkAccount } from './settle-network.ts';
import { type SettleRules, settleRules } from './settle-rules.ts';
import { settleSource } from './settle-source.ts';
import { Workers } from './settle-workers.ts';
import type { AttachSettler, SettleOutcome, Settler, SettleSettings } from './settling.ts';

/** Puts the settle engine into a tab (docs/architecture.md, "When is a page done?"). */
export const attachSettler: AttachSettler = async (session, settings) => {
  const settler = new TabSettler(session, settings, systemClock);
  await settler.install();
  return settler;
};

interface Waiter {
  resolve(outcome: SettleOutcome): void;
  reject(cause: RenderError): void;
}

/** Account of what has been done to the clock of the page. */
function noJumps() {
  return { realMs: 0, idleRunMs: 0, changes: 0, strides: 0, lastStrideMs: 0, lastChanged: false, stirs: 0 };
}

class TabSettler implements Settler {
  readonly #session: CDPSession;
  readonly #rules: SettleRules;
  readonly #clock: Clock;
  readonly #secret = `p${randomBytes(16).toString('hex')}`;
  readonly #binding = `p${randomBytes(16).toString('hex')}`;
  readonly #network: NetworkAccount;
  readonly #frames: Frames;
  readonly #workers: Workers;
  #mainFrame = '';
  #active = false;
  #waiter: Waiter | undefined;
  #dead: RenderError | undefined;
  #considering = false;
  #disarm = () => {};

  /** The address under which the document was loaded, and the one that it has now. */
  #loadedUrl = '';
  #url = '';
  #announced: Departure | undefined;
  #gone: string | undefined;
  #reloads = 0;
  #unready = false;
  #signalled = false;
  #look: { readonly progressMs: number; readonly looks: Looks | undefined } | undefined;
  #jumps = noJumps();
  #jump:
    | { readonly beganMs: number; readonly changes: number; readonly ranMs: number; readonly strideMs: number }
    | undefined;
  #jumpsAtMs = 0;
  #news = { atMs: 0, skippedMs: 0 };

  constructor(session: CDPSession, settings: SettleSettings, clock: Clock) {
    const now = () => clock.now();
    this.#session = session;
    this.#rules = settleRules(settings);
    this.#clock = clock;
    this.#network = new NetworkAccount(this.#rules.network, now);
    this.#frames = new Frames(session, this.#secret, now);
    this.#workers = new Workers(session, this.#secret, this.#network, this.#rules, now, () => this.#changed());
  }

  async install(): Promise<void> {
    const session = this.#session;
    this.#listen();
    const [{ frameTree }] = await Promise.all([
      session.send('Page.getFrameTree'),
      session.send('Page.enable'),
      session.send('Network.enable', { maxTotalBufferSize: 0, maxResourceBufferSize: 0 }),
      session.send('Runtime.enable'),
      session.send('Runtime.addBinding', { name: this.#binding }),
      session.send('Page.addScriptToEvaluateOnNewDocument', { source: settleSource(this.#secret, this.#binding) }),
      this.#workers.install(),
    ]);
    this.#mainFrame = frameTree.frame.id;
  }

  async begin(documentUrl: string): Promise<void> {
    this.end();
    this.#network.clear();
    this.#loadedUrl = '';
    this.#url = documentUrl;
    this.#announced = undefined;
    this.#gone = undefined;
    this.#reloads = 0;
    this.#unready = false;
    this.#signalled = false;
    this.#look = undefined;
    this.#jumps = noJumps();
    this.#jump = undefined;
    this.#news = { atMs: this.#network.newsMs, skippedMs: 0 };
    this.#active = true;
    // Else a page could go back to the one that the tab held before.
    await this.#session.send('Page.resetNavigationHistory').catch(() => {});
  }

  end(): void {
    this.#active = false;
    this.#disarm();
    this.#waiter?.reject(new RenderError('aborted', 'the page was given up'));
    this.#waiter = undefined;
    this.#frames.clear();
    this.#workers.clear();
  }

  async settled(limitMs: number, signal: AbortSignal): Promise<SettleOutcome> {
    const { promise, resolve, reject } = Promise.withResolvers<SettleOutcome>();
    const aborted = () =>
      reject(new RenderError('aborted', 'nobody waits for the page any more', { cause: signal.reason }));
    if (signal.aborted) aborted();
    if (this.#dead) reject(this.#dead);
    signal.addEventListener('abort', aborted, { once: true });
    const disarm = this.#clock.after(limitMs, () => this.#finish('timeout', this.#pending()));
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

  #listen(): void {
    const session = this.#session;
    const network = this.#network;
    session.on('Network.requestWillBeSent', (event) => network.requestStarted(event));
    session.on('Network.responseReceived', (event) => network.responseBegan(event));
    session.on('Network.loadingFinished', ({ requestId }) => network.requestEnded(requestId));
    session.on('Network.loadingFailed', ({ requestId }) => network.requestEnded(requestId));
    session.on('Network.webSocketCreated', ({ requestId, url }) => network.channelCreated(requestId, url));
    session.on('Network.webSocketHandshakeResponseReceived', ({ requestId }) => network.channelOpened(requestId));
    session.on('Network.webSocketFrameSent', ({ requestId }) => network.channelSaid(requestId));
    session.on('Network.webSocketFrameReceived', ({ requestId }) => network.channelHeard(requestId));
    session.on('Network.webSocketClosed', ({ requestId }) => network.requestEnded(requestId));
    session.on('Network.eventSourceMessageReceived', ({ requestId }) => network.channelHeard(requestId));

    session.on('Runtime.executionContextsCleared', () => this.#frames.clear());
    session.on('Runtime.executionContextDestroyed', ({ executionContextId }) =>
      this.#frames.removed(executionContextId),
    );
    session.on('Runtime.bindingCalled', ({ name, payload, executionContextId }) => {
      if (name === this.#binding) this.#heard(executionContextId, JSON.parse(payload));
    });

    session.on('Page.frameNavigated', ({ frame }) => {
      if (frame.parentId !== undefined || !/^https?:/.test(frame.url)) return;
      this.#loadedUrl ||= frame.url;
      this.#url = frame.url;
      this.#announced = undefined;
      network.keepOnly(frame.loaderId);
    });
    session.on('Page.navigatedWithinDocument', ({ frameId, url }) => {
      if (frameId === this.#mainFrame) this.#url = url;
    });
    session.on('Page.frameScheduledNavigation', ({ frameId, url, delay }) => {
      if (frameId === this.#mainFrame && delay > 0) this.#announced = { url, inMs: delay * 1000 };
    });
    session.on('Page.frameRequestedNavigation', (event) => {
      if (event.frameId === this.#mainFrame && this.#loadedUrl) this.#leaves(event);
    });
    session.on('Page.frameDetached', ({ frameId, reason }) => reason === 'swap' && network.frameGone(frameId));

    const died = () => {
      this.#dead = new RenderError('crash', 'the tab died');
      this.#waiter?.reject(this.#dead);
    };
    session.on('Inspector.targetCrashed', died);
    session.once('Inspector.detached', died);
    session.on('*', () => this.#changed());
  }

  #heard(context: number, message: FrameMessage): void {
    if (message.type === 'hello') this.#frames.added(context, message.top);
    else if (message.type === 'state') this.#told(context, message.state);
    else if (message.given) this.#signal();
    else this.#unready = message.unready;
  }

  #told(context: number, state: FrameState): void {
    this.#frames.told(context, state);
    if (!this.#jump || !this.#frames.answered) return;
    const changes = this.#frames.changes - this.#jump.changes;
    this.#jumps.realMs += this.#clock.now() - this.#jump.beganMs;
    this.#jumps.changes += changes;
    if (changes === 0) this.#jumps.idleRunMs += this.#frames.ranMs - this.#jump.ranMs;
    this.#jumps.lastChanged = changes > 0;
    this.#jumps.lastStrideMs = this.#jump.strideMs;
    this.#jumps.strides++;
    this.#jump = undefined;
  }

  #leaves(event: Parameters<typeof departure>[0]): void {
    const verdict = departure(event, this.#url);
    if (verdict === 'leaves') this.#gone = event.url;
    if (verdict === 'reloads' && ++this.#reloads <= this.#rules.mostReloads) return;
    // Whatever it is, it must not take the place of the page.
    void this.#session.send('Page.stopLoading').catch(() => {});
  }

  /** The page says that it is done: what it has set going by messages and in frames still belongs to it, nothing else does. */
  #signal(): void {
    if (this.#signalled) return;
    this.#signalled = true;
    this.#unready = false;
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
    if (this.#gone !== undefined) return this.#finish('redirect', [], this.#gone);
    if (this.#signalled) {
      const askedMs = this.#frames.askedMs ?? 0;
      const quiet = this.#frames.answered || this.#clock.now() >= askedMs + this.#rules.afterSignalMs;
      if (quiet) this.#finish('ready-signal', this.#pending());
      return;
    }
    if (!this.#loadedUrl || !this.#frames.present) return;
    this.#act(judge(this.#facts(), this.#rules.judge));
  }

  #facts(): Facts {
    const progressMs = Math.max(this.#network.progressMs, this.#frames.progressMs);
    if (progressMs > this.#jumpsAtMs) {
      this.#jumps = { ...noJumps(), stirs: this.#jumps.stirs };
      this.#jumpsAtMs = progressMs;
    }
    const operations = this.#frames.operations();
    const { network } = this.#rules;
    return {
      nowMs: this.#clock.now(),
      pending: [
        ...this.#network.open(),
        ...operations.flatMap((operation) => this.#toPending(operation)),
        ...this.#workers.open(operations.filter(({ kind }) => kind === 'worker')),
      ],
      progressMs,
      sinceNewsMs: this.#sinceNewsMs(),
      quiet: this.#frames.quiet(this.#network.version),
      askedMs: this.#frames.askedMs,
      looks: this.#look?.progressMs === progressMs ? this.#look.looks : undefined,
      unready: this.#unready,
      jumps: { ...this.#jumps, skippedMs: this.#frames.skippedMs },
      polling: network.repeats > 0 && this.#network.repeatMs >= this.#network.progressMs,
    };
  }

  /** Page milliseconds since a request was answered that had not been made before. */
  #sinceNewsMs(): number {
    const { newsMs } = this.#network;
    const { skippedMs } = this.#frames;
    // The clock is never moved while a request is in flight, so what had been skipped then is what is known now.
    if (this.#news.atMs !== newsMs) this.#news = { atMs: newsMs, skippedMs };
    return this.#clock.now() - newsMs + skippedMs - this.#news.skippedMs;
  }

  #toPending({ kind, label, sinceMs }: FrameOperation): Pending[] {
    if (kind === 'worker') return [];
    if (kind === 'document interactive') {
      // What is still loading is in the network's account; what is left is the load event, or media that never end.
      return [{ kind: 'work', label, sinceMs, untilMs: this.#network.progressMs + this.#rules.loadEventMs }];
    }
    if (kind === 'hope') return [{ kind: 'hope', label, sinceMs }];
    if (kind !== 'fetch' && kind !== 'xhr') return [{ kind: 'work', label, sinceMs }];
    return this.#network.knows(label) ? [] : [{ kind: 'request', label, sinceMs }];
  }

  #act(judgement: Judgement): void {
    switch (judgement.kind) {
      case 'wait':
        return this.#arm(judgement.untilMs);
      case 'look':
        return this.#takeLook();
      case 'ask': {
        const { mode, byMs, extendMs } = judgement;
        const now = this.#clock.now();
        if (byMs !== undefined)
          this.#jump = {
            beganMs: now,
            changes: this.#frames.changes,
            ranMs: this.#frames.ranMs,
            strideMs: extendMs ?? 0,
          };
        if (mode === 'nothing') this.#jumps.stirs++;
        this.#frames.ask(
          byMs === undefined ? { mode } : { mode, byMs, extendMs: extendMs ?? 0 },
          this.#network.version,
        );
        return this.#arm(now + this.#rules.judge.longRequestMs);
      }
      case 'done':
        return this.#arrive(
          judgement.because === 'quiet' ? this.#pending() : ['the page goes on without end', ...this.#pending()],
        );
    }
  }

  #arrive(pending: readonly string[]): void {
    const moved = movedTo(this.#loadedUrl, this.#url);
    const announced =
      this.#announced && this.#announced.inMs <= this.#rules.judge.horizonMs ? this.#announced.url : undefined;
    const elsewhere =
      announced !== undefined &&
      departure({ url: announced, reason: 'metaTagRefresh', disposition: 'currentTab' }, this.#url) === 'leaves';
    const redirectTo = elsewhere ? announced : moved;
    if (redirectTo !== undefined) this.#finish('redirect', pending, redirectTo);
    else this.#finish('settled', pending);
  }

  #takeLook(): void {
    const progressMs = Math.max(this.#network.progressMs, this.#frames.progressMs);
    if (this.#look?.progressMs === progressMs) return;
    this.#look = { progressMs, looks: undefined };
    this.#frames.look().then(
      (look) => {
        this.#look = { progressMs, looks: looksOf(look, this.#rules.someText) };
        this.#changed();
      },
      () => {},
    );
  }

  #arm(untilMs: number | undefined): void {
    this.#disarm();
    if (untilMs === undefined) return;
    this.#disarm = this.#clock.after(Math.max(1, untilMs - this.#clock.now()), () => this.#changed());
  }

  #pending(): string[] {
    const things: readonly { readonly label: string }[] = [...this.#network.open(), ...this.#frames.operations()];
    return [...new Set([...things.map(({ label }) => label), ...this.#frames.waiting])].slice(0, 20);
  }

  #finish(stoppedBy: SettleOutcome['stoppedBy'], pending: readonly string[], redirectTo?: string): void {
    // From here on the page stands still, so that what is written down is what was judged.
    if (this.#frames.mode !== 'nothing') this.#frames.ask({ mode: 'nothing' }, this.#network.version);
    const skippedMs = Math.round(this.#frames.skippedMs);
    this.#waiter?.resolve({ stoppedBy, pending, skippedMs, ...(redirectTo !== undefined && { redirectTo }) });
  }
}
