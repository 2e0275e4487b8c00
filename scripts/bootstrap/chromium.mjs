import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { projectNode, run, say, step } from './run.mjs';

/**
 * Makes sure that a Chromium is there: finds one, downloads one, or takes the distribution's. Without any, says which command
 * brings one and goes on: Preface then passes everything through and reports that it is not ready.
 */
export async function ensureChromium(root, dependencies) {
  if (isChosen(process.env) || findChromium(root, process.env) !== undefined) return;
  say('there is no Chromium here, looking for a way to install one');
  const hasApt = isRoot() && isDebian();
  // The distribution's needs nothing of npm's and can come at the same time; the download needs puppeteer's own tool.
  if (await downloadsReachable(process.env)) {
    await dependencies;
    if (await succeeded(download(root))) return;
  }
  if (hasApt && (await succeeded(installFromDebian()))) return;
  say(`no Chromium: Preface starts, passes everything through and is not ready until there is one. Install it with:`);
  say(`  ${commandFor(process.platform, distribution())}`);
}

/** Somebody has said which one to use: then no other is wanted. */
export function isChosen(env) {
  return Boolean(
    env.PUPPETEER_EXECUTABLE_PATH || env.PREFACE_RENDER__BROWSER_PATH || env.PREFACE_RENDER__BROWSER_ENDPOINTS,
  );
}

/** The same places, in the same order, as src/render/find-chromium.ts: puppeteer's cache, known paths, names on the PATH. */
export function findChromium(root, env, platform = process.platform) {
  const places = JSON.parse(readFileSync(join(root, 'src', 'render', 'chromium-locations.json'), 'utf8'));
  const known = { linux: places.debian, darwin: places.darwin, win32: places.win32 }[platform] ?? [];
  const folders = (env.PATH ?? '').split(delimiter);
  const onPath = platform === 'win32' ? [] : places.path.flatMap((name) => folders.map((folder) => join(folder, name)));
  const candidates = [...puppeteerCache(env, platform), ...known.map((path) => expanded(path, env)), ...onPath];
  return candidates.find((path) => existsSync(path));
}

function expanded(path, env) {
  return path.replace(/%([^%]+)%/g, (_, name) => env[name] ?? env[name.toUpperCase()] ?? '');
}

function puppeteerCache(env, platform) {
  const cache = env.PUPPETEER_CACHE_DIR || join(env.HOME || homedir(), '.cache', 'puppeteer');
  const suffix = platform === 'win32' ? '.exe' : '';
  return ['chrome-headless-shell', 'chrome'].flatMap((product) =>
    namesIn(join(cache, product)).flatMap((build) =>
      namesIn(join(cache, product, build)).map((folder) => join(cache, product, build, folder, product + suffix)),
    ),
  );
}

function namesIn(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Puppeteer's tool takes the build that fits puppeteer. A download that does not run, for want of libraries, is removed again. */
async function download(root) {
  const { bin } = JSON.parse(readFileSync(join(root, 'node_modules', 'puppeteer', 'package.json'), 'utf8'));
  const tool = join(root, 'node_modules', 'puppeteer', typeof bin === 'string' ? bin : bin.puppeteer);
  await step("downloading Chromium's headless shell: there is none on this machine", async () => {
    await run(projectNode(root), [tool, 'browsers', 'install', 'chrome-headless-shell'], {
      cwd: root,
      timeoutMs: 120_000,
    });
    const [path] = puppeteerCache(process.env, process.platform).filter((found) => existsSync(found));
    if (path === undefined) throw new Error('the download left nothing behind');
    try {
      await run(path, ['--version'], { timeoutMs: 20_000 });
    } catch (cause) {
      rmSync(join(path, '..', '..'), { recursive: true, force: true });
      throw cause;
    }
  });
}

async function installFromDebian() {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['-o', 'DPkg::Lock::Timeout=60', 'install', '-y', '-qq', '--no-install-recommends'];
  await step(
    'installing chromium-headless-shell with apt-get: there is no Chromium, and this is root on Debian',
    async () => {
      await run('apt-get', ['update', '-qq'], { env });
      await run('apt-get', [...install, 'chromium-headless-shell'], { env }).catch(() =>
        run('apt-get', [...install, 'chromium'], { env }),
      );
    },
  );
}

async function succeeded(work) {
  try {
    await work;
    return true;
  } catch (cause) {
    say(`  that did not work: ${cause.message.split('\n').slice(0, 4).join('\n    ')}`);
    return false;
  }
}

/** A network without a way out must not cost a minute of waiting. Through a proxy we cannot tell, and try. */
function downloadsReachable(env) {
  if (env.HTTPS_PROXY || env.https_proxy) return Promise.resolve(true);
  const base = env.PUPPETEER_CHROME_HEADLESS_SHELL_DOWNLOAD_BASE_URL || 'https://storage.googleapis.com';
  const { hostname, port, protocol } = new URL(base);
  return new Promise((resolve) => {
    const socket = connect(Number(port) || (protocol === 'http:' ? 80 : 443), hostname);
    const end = (isReachable) => () => {
      socket.destroy();
      resolve(isReachable);
    };
    socket.setTimeout(3000, end(false));
    socket.once('connect', end(true));
    socket.once('error', end(false));
  });
}

function isRoot() {
  return process.getuid?.() === 0;
}

function isDebian() {
  return distribution().some((id) => id === 'debian' || id === 'ubuntu') && existsSync('/usr/bin/apt-get');
}

/** The distribution and those that it is like. */
function distribution() {
  try {
    const release = readFileSync('/etc/os-release', 'utf8');
    return [...release.matchAll(/^(?:ID|ID_LIKE)="?([^"\n]*)"?$/gm)].flatMap(([, ids]) => ids.split(' '));
  } catch {
    return [];
  }
}

const packageCommands = {
  alpine: 'apk add chromium',
  arch: 'sudo pacman -S chromium',
  fedora: 'sudo dnf install -y chromium-headless',
  debian: 'sudo apt-get update && sudo apt-get install -y --no-install-recommends chromium-headless-shell',
};

/** The one command for this system. */
export function commandFor(platform, ids) {
  const id = platform === 'linux' ? ids.find((one) => Object.hasOwn(packageCommands, one)) : undefined;
  // Ubuntu's own chromium is a snap, which does not run in a container.
  if (id === undefined || ids.includes('ubuntu')) return 'npx puppeteer browsers install chrome-headless-shell';
  return packageCommands[id];
}
