import puppeteer, { type Browser, type CDPSession, type Target } from 'puppeteer';
import { systemClock } from '../../src/clock.ts';
import { framesOnDemandFlags, instantScrollFlag } from '../../src/render/chromium-flags.ts';
import { createFrameTurns, type FrameTurns } from '../../src/render/frame-turns.ts';
import { attachSettler } from '../../src/render/settle.ts';
import type { SettleOutcome, Settler, SettleSettings } from '../../src/render/settling.ts';
import { createTabFrames } from '../../src/render/tab-frames.ts';

export const settings: SettleSettings = { horizonMs: 5000, longRequestMs: 2000, quietMs: 0 };

export interface Settled extends SettleOutcome {
  /** Shadow roots are written out after their hosts. */
  readonly html: string;
  readonly ms: number;
}

export interface SettleTab {
  readonly session: CDPSession;
  readonly settler: Settler;
  /** By the tab's own rules unless others are given. */
  render(url: string, limitMs?: number, rules?: SettleSettings): Promise<Settled>;
}

/** Whether Chromium produces frames by itself, or when it is told to. */
export type FrameMode = 'by itself' | 'on demand';

export const chromiumPath = process.env.PUPPETEER_EXECUTABLE_PATH ?? '/usr/lib/chromium/chromium-headless-shell';

const turnsOf = new WeakMap<Browser, FrameTurns>();

export async function launch(mode: FrameMode): Promise<Browser> {
  const browser = await puppeteer.launch({
    executablePath: chromiumPath,
    args: [
      '--disable-features=RenderDocument,BackForwardCache',
      '--block-new-web-contents',
      instantScrollFlag,
      ...(mode === 'on demand' ? framesOnDemandFlags : []),
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
    defaultViewport: null,
    waitForInitialPage: false,
  });
  if (mode === 'on demand') turnsOf.set(browser, createFrameTurns(systemClock, 3000));
  return browser;
}

/** A tab as the renderer makes it, in a context of its own, without everything that is not about settling. */
export async function openTab(browser: Browser, rules: SettleSettings = settings): Promise<SettleTab> {
  const turns = turnsOf.get(browser);
  const context = await browser.createBrowserContext();
  const root = await browser.target().createCDPSession();
  const found = context.waitForTarget((target: Target) => target.type() === 'page');
  await root.send('Target.createTarget', {
    url: 'about:blank',
    ...(turns && { enableBeginFrameControl: true }),
    ...(context.id && { browserContextId: context.id }),
  });
  const session = await (await found).createCDPSession();
  await session.send('Page.enable');
  await session.send('Network.setBypassServiceWorker', { bypass: true });
  await session.send('Emulation.setDeviceMetricsOverride', {
    width: 1280,
    height: 10_000,
    deviceScaleFactor: 1,
    mobile: false,
  });
  const frames = turns && createTabFrames(session, turns, systemClock, () => {});
  const settler = await attachSettler(session, rules, frames);

  return {
    session,
    settler,
    async render(url, limitMs = 15_000, rules) {
      await session.send('Page.navigate', { url: 'about:blank' });
      // As a wipe does: else a page could go back to the one before.
      await session.send('Page.resetNavigationHistory');
      const beganMs = performance.now();
      settler.begin(url, rules);
      const navigated = session.send('Page.navigate', { url }).catch(() => {});
      const outcome = await settler.settled(limitMs, new AbortController().signal);
      const ms = performance.now() - beganMs;
      const html = outcome.stoppedBy === 'redirect' || outcome.stoppedBy === 'timeout' ? '' : await contentOf(session);
      settler.end();
      await navigated;
      return { ...outcome, html, ms };
    },
  };
}

async function contentOf(session: CDPSession): Promise<string> {
  const expression = `(function all(root){let s=root.host?root.innerHTML:root.querySelector(':root').outerHTML;for(let a=root.querySelectorAll('*'),i=0;i<a.length;i++)if(a[i].shadowRoot)s+=all(a[i].shadowRoot);return s})(document)`;
  const { result } = await session.send('Runtime.evaluate', { expression, returnByValue: true });
  // The text of a script is not on the page.
  return String(result.value).replace(/(<script[^>]*>)[\s\S]*?<\/script>/g, '$1</script>');
}
