import { setMaxListeners } from 'node:events';
import { statfs } from 'node:fs/promises';
import puppeteer, { type Browser, type CDPSession } from 'puppeteer';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { yieldAsGroup, yielding } from './background-priority.ts';
import { chromiumFlags } from './chromium-flags.ts';
import { within } from './deadline.ts';
import { withFewerPrivileges } from './fewer-privileges.ts';
import { isHeadlessShell } from './find-chromium.ts';
import { createFrameTurns, type FrameTurns } from './frame-turns.ts';
import { endProcessGroup, type GroupUsage, groupUsage, sendToGroup } from './process-group.ts';
import { makeProfileDir, removeProfileDir } from './profile-dir.ts';

export interface LaunchSettings {
  readonly path: string;
  readonly sandbox: boolean;
  readonly spki: string;
  readonly launchMs: number;
  /** Steps by which it yields the processor to everybody else: 0 to 19. */
  readonly niceness: number;
}

/** One running Chromium, from its launch until every process of its group is gone. */
export interface ChromiumProcess {
  readonly browser: Browser;
  /** For commands to the browser itself. Never to be detached: puppeteer would take the browser for gone. */
  readonly session: CDPSession;
  readonly pid: number;
  readonly profileDir: string;
  /** As Chromium says it: `HeadlessChrome/156.0.8078.79`. */
  readonly version: string;
  readonly userAgent: string;
  readonly sandbox: boolean;
  readonly startedAt: number;
  /** Present when it produces frames on demand only. */
  readonly frames: FrameTurns | undefined;
  /** Aborted when the connection to it is lost, for whatever reason. */
  readonly gone: AbortSignal;
  /** Rejects when Chromium does not answer in time, alive or not. */
  ping(limitMs: number): Promise<void>;
  usage(): Promise<GroupUsage>;
  /**
   * Ends it, by force if need be or, when it is `sick`, at once, and removes its profile. Resolves when nothing of it is
   * left. Never rejects.
   */
  end(sick?: 'sick'): Promise<void>;
}

const smallSharedMemoryBytes = 512 * 2 ** 20;

/** After this long puppeteer gives a command up for lost. Whoever waits for one has a shorter limit of their own. */
const protocolMs = 30_000;
const killMs = 2000;
/** A page that holds up the frames of others for this long is given up. */
const stuckFrameMs = 5000;

export async function launchChromium(settings: LaunchSettings, clock: Clock): Promise<ChromiumProcess> {
  const chromium = await start(settings, isHeadlessShell(settings.path), clock);
  if (chromium.frames === undefined || (await producesFrames(chromium, settings.launchMs, clock))) return chromium;
  await chromium.end('sick');
  return start(settings, false, clock);
}

/** Shown on the page that it starts with: a Chromium that leaves the command out would show nothing at all without it. */
async function producesFrames({ browser, frames }: ChromiumProcess, limitMs: number, clock: Clock): Promise<boolean> {
  const produced = async () => {
    const first = await browser.waitForTarget((target) => target.type() === 'page', { timeout: limitMs });
    const session = await first.createCDPSession();
    await frames?.produce({ session, wish: () => ({ painted: false }), stuck: () => {} });
    await session.detach();
  };
  return within(clock, limitMs, 'a frame', produced()).then(
    () => true,
    () => false,
  );
}

async function start(settings: LaunchSettings, framesOnDemand: boolean, clock: Clock): Promise<ChromiumProcess> {
  const profileDir = await makeProfileDir();
  const abort = new AbortController();
  const smallSharedMemory = await hasSmallSharedMemory();
  const flags = chromiumFlags({ ...settings, profileDir, smallSharedMemory, framesOnDemand });
  const chromium = await withFewerPrivileges({ executablePath: settings.path, args: flags });
  const { executablePath, args } = yielding(chromium, settings.niceness);
  const launching = puppeteer.launch({
    executablePath,
    ignoreDefaultArgs: true,
    args: [...args],
    // No port: whoever can reach a debugging port owns the browser. A closed pipe also ends Chromium when we die.
    pipe: true,
    env: chromiumEnvironment(process.env, profileDir),
    defaultViewport: null,
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    timeout: settings.launchMs,
    protocolTimeout: protocolMs,
    signal: abort.signal,
  });
  try {
    const browser = await within(clock, settings.launchMs, 'starting Chromium', launching);
    return await processOf(browser, settings, framesOnDemand, profileDir, clock);
  } catch (cause) {
    abort.abort(); // has puppeteer kill what it has started
    const killed = launching.then((browser) => sendToGroup(browser.process()?.pid, 'SIGKILL'));
    await within(clock, killMs, 'killing Chromium', killed).catch(() => {});
    await removeProfileDir(profileDir).catch(() => {});
    throw new Error(`${settings.path} does not start: ${messageOf(cause)}`, { cause });
  }
}

async function processOf(
  browser: Browser,
  settings: LaunchSettings,
  framesOnDemand: boolean,
  profileDir: string,
  clock: Clock,
): Promise<ChromiumProcess> {
  const pid = browser.process()?.pid;
  if (pid === undefined) throw new Error('Chromium has no process id');
  await yieldAsGroup(pid, settings.niceness);
  const [version, userAgent, session] = await within(
    clock,
    settings.launchMs,
    'asking Chromium for its version',
    Promise.all([browser.version(), browser.userAgent(), browser.target().createCDPSession()]),
  );
  const gone = new AbortController();
  setMaxListeners(0, gone.signal); // every tab listens
  browser.once('disconnected', () => gone.abort());
  let ending: Promise<void> | undefined;

  return {
    browser,
    session,
    pid,
    profileDir,
    version,
    userAgent,
    sandbox: settings.sandbox,
    startedAt: clock.now(),
    frames: framesOnDemand ? createFrameTurns(clock, stuckFrameMs) : undefined,
    gone: gone.signal,
    // Not `browser.version()`: puppeteer keeps the first answer and would not ask again.
    ping: async (limitMs) => void (await within(clock, limitMs, 'Chromium', session.send('Browser.getVersion'))),
    usage: () => groupUsage(pid),
    end(sick) {
      if (sick) sendToGroup(pid, 'SIGKILL');
      ending ??= endProcessGroup(pid, clock)
        .then(() => removeProfileDir(profileDir))
        .catch(() => {});
      return ending;
    },
  };
}

async function hasSmallSharedMemory(): Promise<boolean> {
  const shm = await statfs('/dev/shm').catch(() => undefined);
  return shm === undefined ? process.platform === 'linux' : shm.bsize * shm.blocks < smallSharedMemoryBytes;
}

const inherited = ['PATH', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'LD_LIBRARY_PATH', 'FONTCONFIG_FILE', 'FONTCONFIG_PATH'];
const inheritedOnWindows = ['SystemRoot', 'SystemDrive', 'TEMP', 'TMP', 'LOCALAPPDATA', 'APPDATA', 'ProgramFiles'];

/** What Chromium is told of our environment: enough to run, and no secret that a broken renderer could read. */
export function chromiumEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): Record<string, string> {
  const names = process.platform === 'win32' ? [...inherited, ...inheritedOnWindows] : inherited;
  const kept = names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  return { ...Object.fromEntries(kept), HOME: home };
}
