import type { BrowserContext, CDPSession, Target } from 'puppeteer';
import type { Clock } from '../clock.ts';
import type { Egress, TabExit } from '../egress/exit.ts';
import { messageOf, RenderError } from '../errors.ts';
import type { Device } from '../page/page-target.ts';
import type { Variant } from '../page/variant.ts';
import type { ChromiumProcess } from './chromium-process.ts';
import { companionsOf } from './companions.ts';
import { unless, within } from './deadline.ts';
import { type DeviceSettings, emulationOf, type Metrics, variedDevice } from './device.ts';
import { signInToExit } from './exit-sign-in.ts';
import type { AttachSettler, Settler, SettleSettings } from './settling.ts';
import { createTabFrames, type TabFrames } from './tab-frames.ts';
import { wipe } from './wipe.ts';

export interface TabSettings {
  readonly device: DeviceSettings;
  readonly settle: SettleSettings;
  readonly openMs: number;
  readonly wipeMs: number;
}

export interface TabParts {
  readonly egress: Egress;
  readonly attachSettler: AttachSettler;
  /** Puts more into every frame before the page's own scripts. */
  readonly prepare: (session: CDPSession) => Promise<void>;
  readonly clock: Clock;
}

/** One page in a context of its own, with its own way out. Serves one render at a time. */
export interface Tab {
  readonly chromium: ChromiumProcess;
  readonly session: CDPSession;
  readonly settler: Settler;
  readonly exit: TabExit;
  /** Where Chromium produces none by itself. */
  readonly frames: TabFrames | undefined;
  readonly openedAt: number;
  /** Aborted, with a `RenderError` (`crash`) that says why, when its page, its process or its browser dies or it is closed. */
  readonly dead: AbortSignal;
  /** Of its main frame. */
  readonly frameId: string;
  /** Renders served so far, and what the last one was for. */
  renders: number;
  lastSite: string;
  readonly device: Device | undefined;
  /**
   * With the tab's own settings unless others are given; the same object stands for the same settings. A variant holds for one page: nothing of it is left
   * after the wipe but the answers to another user agent in the caches, for which such a tab is not to be used again. Resolves to the window.
   */
  emulate(device: Device, settings?: DeviceSettings, variant?: Variant): Promise<Metrics>;
  /** Makes it as good as new. Rejects when that cannot be shown to have worked. */
  wipe(): Promise<void>;
  /** Ends it with all that it holds, an endless script too. Never rejects. */
  close(): Promise<void>;
}

export async function openTab(chromium: ChromiumProcess, settings: TabSettings, parts: TabParts): Promise<Tab> {
  const exit = await parts.egress.openTab();
  const opening = assemble(chromium, exit, settings, parts);
  try {
    return await within(parts.clock, settings.openMs, 'opening a tab', opening);
  } catch (cause) {
    void opening.then((tab) => tab.close()).catch(() => {});
    await exit.close();
    throw cause;
  }
}

async function assemble(
  chromium: ChromiumProcess,
  exit: TabExit,
  settings: TabSettings,
  { attachSettler, prepare, clock }: TabParts,
): Promise<Tab> {
  const context = await chromium.browser.createBrowserContext({
    proxyServer: exit.proxyServer,
    proxyBypassList: ['<-loopback>'],
    downloadBehavior: { policy: 'deny' },
  });
  try {
    const target = await openTarget(chromium, context);
    const session = await target.createCDPSession();
    await Promise.all([
      session.send('Page.enable'),
      session.send('Network.enable', { maxTotalBufferSize: 0, maxResourceBufferSize: 0 }),
      session.send('Runtime.enable'),
      // A reader has never been here before, so no service worker answers for the site yet.
      session.send('Network.setBypassServiceWorker', { bypass: true }),
    ]);
    closeDialogs(session);
    await signInToExit(session, exit);
    await prepare(session);
    const death = new AbortController();
    const stuck = () => {
      death.abort(
        new RenderError('crash', 'its page held up the frames of all others, or none of its own comes any more'),
      );
      void context.close().catch(() => {});
    };
    const frames = chromium.frames && createTabFrames(session, chromium.frames, clock, stuck);
    const settler = await attachSettler(session, settings.settle, frames);
    const { frameTree } = await session.send('Page.getFrameTree');
    const held = { chromium, context, target, session, settler, exit, frames, death, frameId: frameTree.frame.id };
    return tabOf(held, settings, clock);
  } catch (cause) {
    await context.close().catch(() => {});
    throw cause;
  }
}

async function openTarget(chromium: ChromiumProcess, context: BrowserContext): Promise<Target> {
  const found = context.waitForTarget((target) => target.type() === 'page', { timeout: 0 });
  const place = context.id === undefined ? {} : { browserContextId: context.id };
  // Naming no permission refuses all of them without a question.
  await chromium.session.send('Browser.grantPermissions', { permissions: [], ...place });
  await chromium.session.send('Target.createTarget', {
    url: 'about:blank',
    ...place,
    ...(chromium.frames && { enableBeginFrameControl: true }),
  });
  return found;
}

function closeDialogs(session: CDPSession): void {
  session.on('Page.javascriptDialogOpening', () => {
    session.send('Page.handleJavaScriptDialog', { accept: false }).catch(() => {});
  });
}

type Assembled = Pick<Tab, 'chromium' | 'session' | 'settler' | 'exit' | 'frames' | 'frameId'> & {
  readonly context: BrowserContext;
  readonly target: Target;
  readonly death: AbortController;
};

function tabOf({ context, target, death, ...held }: Assembled, settings: TabSettings, clock: Clock): Tab {
  const { chromium, session, exit } = held;
  const die = (why: string) => death.abort(new RenderError('crash', why));
  session.on('Inspector.targetCrashed', () => die('its renderer process died'));
  session.once('Inspector.detached', () => die('it was closed'));
  const browserGone = () => die('the browser died');
  chromium.gone.addEventListener('abort', browserGone, { once: true });
  if (chromium.gone.aborted) browserGone();
  context.on('targetdestroyed', (gone) => gone === target && die('it was closed'));
  let device: Device | undefined;
  let emulatedBy: DeviceSettings | undefined;
  let isElsewhere = false;
  let closing: Promise<void> | undefined;

  async function goHome(): Promise<void> {
    if (isElsewhere) await session.send('Emulation.setTimezoneOverride', { timezoneId: '' });
    isElsewhere = false;
  }

  return {
    ...held,
    openedAt: clock.now(),
    dead: death.signal,
    renders: 0,
    lastSite: '',
    get device() {
      return device;
    },
    async emulate(wanted, usual = settings.device, variant = {}) {
      const isVaried = Object.keys(variant).length > 0;
      const by = isVaried ? variedDevice(usual, variant) : usual;
      const { metrics, touch, userAgent } = emulationOf(wanted, by, chromium.userAgent);
      if (wanted === device && by === emulatedBy) return metrics;
      device = undefined;
      const { timeZone } = variant;
      isElsewhere = timeZone !== undefined;
      await Promise.all([
        session.send('Emulation.setDeviceMetricsOverride', metrics),
        session.send('Emulation.setTouchEmulationEnabled', { enabled: touch }),
        session.send('Emulation.setUserAgentOverride', userAgent),
        timeZone && session.send('Emulation.setTimezoneOverride', { timezoneId: timeZone }),
        variant.userAgent && session.send('Network.setCacheDisabled', { cacheDisabled: true }),
      ]);
      // Whatever is emulated next begins from the start after a variant, whose picture may have been taken in a third window.
      device = isVaried ? undefined : wanted;
      emulatedBy = by;
      return metrics;
    },
    async wipe() {
      const wiped = wipe(session, companionsOf(target, context, session)).then(goHome);
      await unless(death.signal, within(clock, settings.wipeMs, 'wiping the tab', wiped));
    },
    close() {
      closing ??= (async () => {
        die('it was closed');
        chromium.gone.removeEventListener('abort', browserGone);
        const gone = context.close().catch((cause: unknown) => messageOf(cause));
        await within(clock, settings.openMs, 'closing a tab', gone).catch(() => {});
        await exit.close();
      })();
      return closing;
    },
  };
}
