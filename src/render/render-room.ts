import { availableParallelism, totalmem } from 'node:os';
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
import { createRenderGate } from './render-gate.ts';
import { renderSlots } from './render-slots.ts';
import type { Renderer } from './renderer.ts';
import type { SandboxMode } from './sandbox.ts';
import { attachSettler } from './settle.ts';
import type { AttachSettler, SettleSettings } from './settling.ts';
import { openTab } from './tab.ts';
import { createTabRenderer, type TabRendererSettings } from './tab-renderer.ts';
import { createTabs } from './tabs.ts';
import { createUpkeep } from './upkeep.ts';

export interface RenderRoomSettings extends TabRendererSettings {
  /** Renders at once. */
  readonly tabs: number | 'auto';
  readonly maxWaiting: number;
  readonly isolation: 'wiped' | 'context';
  readonly sandbox: SandboxMode;
  /** Steps by which Chromium yields the processor to everybody else: 0 to 19. */
  readonly niceness: number;
  readonly chromiumPath: string | undefined;
  readonly device: DeviceSettings;
  readonly settle: SettleSettings;
}

export interface RenderRoomParts {
  readonly egress: Egress;
  readonly clock: Clock;
  readonly report: Report;
  readonly attachSettler?: AttachSettler;
}

export interface RenderRoomState extends GroupUsage {
  /** Chromium's, while one runs. */
  readonly version: string | undefined;
  readonly sandbox: boolean | undefined;
  readonly tabs: number;
  readonly limit: number;
  readonly running: number;
  readonly waiting: number;
}

/** Everything that renders: one browser, its tabs, and the gate before them. Nothing runs before the first use. */
export interface RenderRoom {
  readonly renderer: Renderer;
  /** Starts Chromium and opens all tabs. */
  warm(): Promise<void>;
  /** Renders a tiny page of its own; rejects when that does not work. */
  probe(): Promise<void>;
  /** Forgets what Chromium keeps of the origin's files, so that the next renders ask for all of them. */
  forgetCaches(): Promise<void>;
  /** Why a page that is asked for now would probably not be rendered; empty when it would. */
  notReady(): string[];
  state(): RenderRoomState;
  close(): Promise<void>;
}

const launchMs = 20_000;
const openMs = 10_000;
const wipeMs = 5_000;
const tabLifetime = { maxRenders: 500, maxAgeMs: 60 * 60_000 };

export function createRenderRoom(settings: RenderRoomSettings, parts: RenderRoomParts): RenderRoom {
  const { egress, clock, report } = parts;
  const limit = settings.tabs === 'auto' ? renderSlots(thisMachine()) : settings.tabs;
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
    { size: limit, lifetime: settings.isolation === 'context' ? { ...tabLifetime, maxRenders: 1 } : tabLifetime },
    { browser, open: (chromium) => openTab(chromium, tabSettings, tabParts), clock, report },
  );
  const gate = createRenderGate(
    createTabRenderer(settings, { tabs, clock }),
    { limit, maxWaiting: settings.maxWaiting, maxWaitMs: settings.timeoutMs },
    clock,
  );

  const upkeep = createUpkeep(limit, { browser, tabs, isBusy: () => gate.state().waiting > 0, clock, report });

  const renderer: Renderer = {
    async render(job, signal) {
      const snapshot = await gate.render(job, signal);
      upkeep.pageRendered();
      return snapshot;
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
    probe: upkeep.probe,
    forgetCaches: tabs.forgetCaches,
    notReady() {
      const { waiting } = gate.state();
      return [
        ...(browser.inUse === undefined ? ['no browser'] : []),
        ...(upkeep.lastProbeFailed ? ['last probe render failed'] : []),
        ...(waiting > 0 && waiting >= settings.maxWaiting ? ['queue full'] : []),
      ];
    },
    state: () => ({
      version: browser.inUse?.version,
      sandbox: browser.inUse?.sandbox,
      ...upkeep.usage,
      tabs: tabs.state().open,
      ...gate.state(),
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

function thisMachine() {
  const limitBytes = process.constrainedMemory();
  const totalBytes = totalmem();
  // Without a limit some systems say 0, others a number beyond all memory.
  return { cores: availableParallelism(), memoryBytes: limitBytes > 0 ? Math.min(limitBytes, totalBytes) : totalBytes };
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= work();
    return result;
  };
}
