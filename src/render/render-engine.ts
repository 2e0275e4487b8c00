import type { CDPSession } from 'puppeteer';
import type { Clock } from '../clock.ts';
import type { Egress } from '../egress/exit.ts';
import type { Report } from '../events.ts';
import { createBrowserKeeper } from './browser.ts';
import type { DeviceSettings } from './device.ts';
import { findChromium } from './find-chromium.ts';
import { installSerialiseHooks } from './in-page/serialise-hooks.ts';
import type { GroupUsage } from './process-group.ts';
import { sweepProfileDirs } from './profile-dir.ts';
import type { Renderer } from './renderer.ts';
import type { SandboxMode } from './sandbox.ts';
import { attachSettler } from './settle.ts';
import type { AttachSettler, SettleSettings } from './settling.ts';
import { openTab } from './tab.ts';
import { createTabRenderer, type TabRendererSettings } from './tab-renderer.ts';
import { createTabs } from './tabs.ts';
import { createUpkeep } from './upkeep.ts';

export interface RenderEngineSettings extends TabRendererSettings {
  readonly tabs: number;
  readonly isolation: 'wiped' | 'context';
  readonly sandbox: SandboxMode;
  /** Steps by which Chromium yields the processor to everybody else: 0 to 19. */
  readonly niceness: number;
  readonly chromiumPath: string | undefined;
  readonly device: DeviceSettings;
  readonly settle: SettleSettings;
}

export interface RenderEngineParts {
  readonly egress: Egress;
  readonly clock: Clock;
  readonly report: Report;
  readonly attachSettler?: AttachSettler;
}

export interface RenderEngineState extends GroupUsage {
  /** What is to be ended and removed should the engine be gone without having closed. */
  readonly chromium: ChromiumRemains | undefined;
  /** Chromium's, while one runs. */
  readonly version: string | undefined;
  readonly sandbox: boolean | undefined;
  /** Open now. */
  readonly tabs: number;
  /** Why a page could not be rendered now; empty when it could. */
  readonly notReady: readonly string[];
}

/** Chromium's process group, and the folder that it writes to. */
export interface ChromiumRemains {
  readonly pid: number;
  readonly profileDir: string;
}

/** What renders: one browser and its tabs. Nothing runs before the first use. */
export interface RenderEngine {
  /** Renders in a tab; whoever asks for more pages at once than there are tabs waits for one. */
  readonly renderer: Renderer;
  /** Starts Chromium, opens all tabs and sees that they work; rejects when they do not. */
  warm(): Promise<void>;
  /** Forgets what Chromium keeps of the origin's files, so that the next renders ask for all of them. */
  forgetCaches(): Promise<void>;
  state(): RenderEngineState;
  close(): Promise<void>;
}

const launchMs = 20_000;
const openMs = 10_000;
const wipeMs = 5_000;
const tabLifetime = { maxRenders: 500, maxAgeMs: 60 * 60_000 };

export function createRenderEngine(settings: RenderEngineSettings, parts: RenderEngineParts): RenderEngine {
  const { egress, clock, report } = parts;
  const swept = once(sweepProfileDirs);
  const browser = createBrowserKeeper(
    { sandbox: settings.sandbox, niceness: settings.niceness, launchMs, pingEveryMs: 1000, pingLimitMs: 3000 },
    {
      async find() {
        await swept();
        return findChromium({ configuredPath: settings.chromiumPath, env: process.env });
      },
      spki: egress.spki,
      clock,
      report,
    },
  );
  const tabSettings = { device: settings.device, settle: settings.settle, openMs, wipeMs };
  const tabParts = { egress, attachSettler: parts.attachSettler ?? attachSettler, prepare, clock };
  const tabs = createTabs(
    {
      size: settings.tabs,
      lifetime: settings.isolation === 'context' ? { ...tabLifetime, maxRenders: 1 } : tabLifetime,
    },
    { browser, open: (chromium) => openTab(chromium, tabSettings, tabParts), clock, report },
  );
  const pages = createTabRenderer(settings, { tabs, clock });
  let rendering = 0;
  const isBusy = () => rendering >= settings.tabs;
  const upkeep = createUpkeep(settings.tabs, { browser, tabs, isBusy, clock, report });

  const renderer: Renderer = {
    async render(job, signal) {
      rendering += 1;
      try {
        const snapshot = await pages.render(job, signal);
        upkeep.pageRendered();
        return snapshot;
      } finally {
        rendering -= 1;
      }
    },
  };

  return {
    renderer,
    async warm() {
      upkeep.start();
      await tabs.warm();
      await upkeep.probe();
      await upkeep.measure();
    },
    forgetCaches: tabs.forgetCaches,
    state: () => ({
      chromium: browser.inUse && { pid: browser.inUse.pid, profileDir: browser.inUse.profileDir },
      version: browser.inUse?.version,
      sandbox: browser.inUse?.sandbox,
      ...upkeep.usage,
      tabs: tabs.state().open,
      notReady: [
        ...(browser.inUse === undefined ? ['no browser'] : []),
        ...(upkeep.lastProbeFailed ? ['last probe render failed'] : []),
      ],
    }),
    async close() {
      upkeep.stop();
      // Together: a tab that does not answer any more is closed by the end of its browser.
      await Promise.all([tabs.close(), browser.close()]);
    },
  };
}

async function prepare(session: CDPSession): Promise<void> {
  await session.send('Page.addScriptToEvaluateOnNewDocument', { source: `(${installSerialiseHooks})()` });
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= work();
    return result;
  };
}
