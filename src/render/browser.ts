import type { Clock } from '../clock.ts';
import { messageOf, RenderError } from '../errors.ts';
import type { Report } from '../events.ts';
import { type ChromiumProcess, type LaunchSettings, launchChromium } from './chromium-process.ts';
import { DeadlineError } from './deadline.ts';
import type { ChromiumFound } from './find-chromium.ts';
import { type SandboxMode, sandboxPlan } from './sandbox.ts';

export interface BrowserSettings {
  readonly sandbox: SandboxMode;
  readonly launchMs: number;
  /** Steps by which Chromium yields the processor to everybody else: 0 to 19. */
  readonly niceness: number;
  /** How often Chromium is asked whether it lives, and how long it may take to say so. */
  readonly pingEveryMs: number;
  readonly pingLimitMs: number;
}

export interface BrowserParts {
  readonly find: () => Promise<ChromiumFound | undefined>;
  readonly spki: string;
  readonly clock: Clock;
  readonly report: Report;
  readonly launch?: (settings: LaunchSettings, clock: Clock) => Promise<ChromiumProcess>;
  readonly uid?: number | undefined;
}

/** Keeps one Chromium going: started at need, watched, replaced when it dies or hangs. */
export interface BrowserKeeper {
  /** The one to use. Rejects at once with `no-browser` while the next start is seconds away, after several that failed. */
  current(): Promise<ChromiumProcess>;
  /** The one in use now, if any. */
  readonly inUse: ChromiumProcess | undefined;
  /** Starts another one and uses it from then on. The old one goes on until it is discarded. Rejects as `current` does. */
  rotate(): Promise<void>;
  /** To be told when one has done its work, whatever the page: should it die, that was no fault of its start. */
  worked(chromium: ChromiumProcess): void;
  /** Ends one that nobody uses any more. */
  discard(chromium: ChromiumProcess, reason: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * One that has worked is replaced at once, however often it dies; only that no start follows the one before sooner than this,
 * so that a page that kills Chromium whenever it is asked for leaves the machine to others.
 */
const betweenStartsMs = 1_000;

/** Whoever needs a browser waits for its next start if that is not further off than this. */
const patienceMs = 2000;

/** How long to wait before the next start after so many failures in a row: the first one may be bad luck. */
export function restartDelayMs(failures: number): number {
  return failures <= 1 ? 0 : Math.min(30_000, 500 * 2 ** (failures - 2));
}

export function createBrowserKeeper(settings: BrowserSettings, parts: BrowserParts): BrowserKeeper {
  const { find, spki, clock, report, launch = launchChromium, uid = process.getuid?.() } = parts;
  const living = new Set<ChromiumProcess>();
  const proven = new WeakSet<ChromiumProcess>();
  let inUse: ChromiumProcess | undefined;
  let starting: Promise<ChromiumProcess> | undefined;
  let failures = 0;
  let notBefore = 0;
  let warned = false;
  let sandboxed = false;
  let closed = false;

  async function start(): Promise<ChromiumProcess> {
    const begun = clock.now();
    try {
      if (closed) throw new RenderError('no-browser', 'shutting down');
      const chromium = await launchAsPlanned();
      if (closed) {
        await chromium.end();
        throw new RenderError('no-browser', 'shutting down');
      }
      inUse = chromium;
      living.add(chromium);
      chromium.gone.addEventListener('abort', () => left(chromium, 'crash'), { once: true });
      watch(chromium);
      report({ type: 'browser.started', version: chromium.version, ms: clock.now() - begun });
      return chromium;
    } catch (cause) {
      failed();
      report({ type: 'browser.failed', message: messageOf(cause) });
      throw cause instanceof RenderError ? cause : new RenderError('no-browser', messageOf(cause), { cause });
    }
  }

  async function launchAsPlanned(): Promise<ChromiumProcess> {
    const found = await find();
    if (found === undefined)
      throw new RenderError('no-browser', 'no Chromium was found; `preface doctor` says where it was looked for');
    const { tries, because } = sandboxPlan(settings.sandbox, uid);
    let failure: unknown = new RenderError('no-browser', `render.sandbox is required, but ${because}`);
    // What has worked with the sandbox once is never tried without: a slow start is no reason to open the door.
    for (const sandbox of sandboxed ? tries.filter(Boolean) : tries) {
      try {
        const { launchMs, niceness } = settings;
        const chromium = await launch({ path: found.path, sandbox, spki, launchMs, niceness }, clock);
        if (!sandbox) warnOnce(because);
        sandboxed ||= sandbox;
        return chromium;
      } catch (cause) {
        failure = cause;
        if (cause instanceof DeadlineError) break;
      }
    }
    throw failure;
  }

  function warnOnce(because: string): void {
    if (!warned) report({ type: 'warning', message: `Chromium runs WITHOUT its sandbox: ${because}` });
    warned = true;
  }

  function failed(): void {
    failures += 1;
    notBefore = clock.now() + restartDelayMs(failures);
  }

  /** What has never worked failed like a start. */
  function lost(chromium: ChromiumProcess): void {
    if (!proven.has(chromium)) return failed();
    failures = 0;
    notBefore = chromium.startedAt + betweenStartsMs;
  }

  /** Its connection is lost, or it is given up. Whoever waits for one of its tabs hears of it through `gone`. */
  function left(chromium: ChromiumProcess, reason: string): void {
    if (!living.delete(chromium)) return;
    if (inUse === chromium) inUse = undefined;
    void chromium.end(reason === 'hung' ? 'sick' : undefined);
    if (closed) return;
    lost(chromium);
    report({ type: 'browser.stopped', reason });
  }

  /** A Chromium can hang with its process alive and its pipe open: only an answer shows that it works. */
  function watch(chromium: ChromiumProcess): void {
    clock.after(settings.pingEveryMs, () => {
      if (!living.has(chromium)) return;
      chromium
        .ping(settings.pingLimitMs)
        // It may be us who were late: then the answer is there already.
        .catch(() => chromium.ping(settings.pingLimitMs / 6))
        .then(() => watch(chromium))
        .catch(() => left(chromium, 'hung'));
    });
  }

  async function current(): Promise<ChromiumProcess> {
    if (closed) throw new RenderError('no-browser', 'shutting down');
    return inUse ?? next();
  }

  /** A start, after the pause that the failures before it call for. */
  async function next(): Promise<ChromiumProcess> {
    const waitMs = notBefore - clock.now();
    if (starting === undefined && waitMs > patienceMs) {
      throw new RenderError(
        'no-browser',
        `Chromium failed ${failures} times in a row; the next try is in ${waitMs} ms`,
      );
    }
    return startOnce(waitMs);
  }

  function startOnce(waitMs: number): Promise<ChromiumProcess> {
    starting ??= (waitMs > 0 ? clock.sleep(waitMs).then(start) : start()).finally(() => {
      starting = undefined;
    });
    return starting;
  }

  return {
    current,
    get inUse() {
      return inUse;
    },
    async rotate() {
      await next();
    },
    worked(chromium) {
      proven.add(chromium);
      failures = 0;
    },
    async discard(chromium, reason) {
      if (!living.delete(chromium)) return;
      if (inUse === chromium) inUse = undefined;
      report({ type: 'browser.stopped', reason });
      if (reason === 'hung') lost(chromium);
      await chromium.end();
    },
    async close() {
      closed = true;
      await starting?.catch(() => {});
      await Promise.all([...living].map((chromium) => chromium.end()));
    },
  };
}
