import { open, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import locations from './chromium-locations.json' with { type: 'json' };

export interface ChromiumFound {
  /** The program itself, never a shell script around it. */
  readonly path: string;
  readonly from: 'configured' | 'environment' | 'puppeteer-cache' | 'system' | 'path';
}

/** The smaller build that has no windows: by its name, since it says nothing of it. */
export const isHeadlessShell = (program: string): boolean => /headless[-_]shell/.test(path.basename(program));

export type ChromiumLocations = typeof locations;
type Env = Readonly<Record<string, string | undefined>>;

export interface FindChromium {
  readonly configuredPath?: string | undefined;
  readonly env: Env;
  readonly platform?: NodeJS.Platform;
  readonly locations?: ChromiumLocations;
}

/**
 * The Chromium to use, or undefined. A path that somebody chose (configuration, `PUPPETEER_EXECUTABLE_PATH`) is binding:
 * when nothing is there, no other is taken behind their back. Otherwise a headless shell goes before a full Chromium.
 */
export async function findChromium(wanted: FindChromium): Promise<ChromiumFound | undefined> {
  const { configuredPath, env } = wanted;
  const chosen = configuredPath || env.PUPPETEER_EXECUTABLE_PATH;
  if (chosen) {
    const program = await programAt(chosen);
    return program === undefined ? undefined : { path: program, from: configuredPath ? 'configured' : 'environment' };
  }
  for await (const { path: candidate, from } of candidates(wanted)) {
    const program = await programAt(candidate);
    if (program) return { path: program, from };
  }
  return undefined;
}

async function* candidates({ env, platform = process.platform, locations: places = locations }: FindChromium) {
  for (const found of await puppeteerCache(env, platform)) yield { path: found, from: 'puppeteer-cache' } as const;
  if (platform === 'darwin') for (const found of places.darwin) yield { path: found, from: 'system' } as const;
  if (platform === 'win32')
    for (const found of places.win32) yield { path: expand(found, env), from: 'system' } as const;
  if (platform === 'win32') return;
  if (platform !== 'darwin') for (const found of places.debian) yield { path: found, from: 'system' } as const;
  const folders = (env.PATH ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  for (const name of places.path)
    for (const folder of folders) yield { path: path.join(folder, name), from: 'path' } as const;
}

const expand = (windowsPath: string, env: Env) =>
  windowsPath.replace(/%([^%]+)%/g, (_, name: string) => env[name] ?? env[name.toUpperCase()] ?? '');

/** What `@puppeteer/browsers install` has put into its cache, the newest build first. */
async function puppeteerCache(env: Env, platform: NodeJS.Platform): Promise<string[]> {
  const root = env.PUPPETEER_CACHE_DIR || path.join(env.HOME || homedir(), '.cache', 'puppeteer');
  const suffix = platform === 'win32' ? '.exe' : '';
  const found: string[] = [];
  for (const product of ['chrome-headless-shell', 'chrome'] as const) {
    for (const build of (await namesIn(path.join(root, product))).sort(newerBuildFirst)) {
      for (const folder of await namesIn(path.join(root, product, build)))
        found.push(path.join(root, product, build, folder, product + suffix));
    }
  }
  return found;
}

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

/** `linux-146.0.7680.31` after `linux-147.0.7700.2`: by number, not by letter. */
export function newerBuildFirst(a: string, b: string): number {
  return b.localeCompare(a, 'en', { numeric: true });
}

/**
 * The program behind a path. Distributions put a shell script before the program that does not always `exec` it; then the
 * process that we would signal is a shell, and Chromium's own processes outlive it.
 */
async function programAt(candidate: string): Promise<string | undefined> {
  const file = await regularFile(candidate);
  if (file === undefined || !(await isScript(file))) return file;
  const script = await readFile(file, 'utf8').catch(() => '');
  for (const named of programsNamedIn(script, path.dirname(file))) {
    const program = await regularFile(named);
    if (program !== undefined && program !== file && !(await isScript(program))) return program;
  }
  return undefined;
}

async function regularFile(candidate: string): Promise<string | undefined> {
  const file = await realpath(candidate).catch(() => undefined);
  const isFile = file !== undefined && (await stat(file)).isFile();
  return isFile ? file : undefined;
}

async function isScript(file: string): Promise<boolean> {
  await using handle = await open(file).catch(() => undefined);
  if (handle === undefined) return false;
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0).catch(() => ({ bytesRead: 0, buffer: '' }));
  return bytesRead === 2 && buffer.toString() === '#!';
}

const programName = /(?:^|\/)(?:chrom(?:e|ium)(?:-browser)?|(?:chrom(?:e|ium)-)?headless[-_]shell)$/;

/** Paths of Chromium-like names in a wrapper script, with `$HERE/…` and the script's own variables taken as its folder. */
export function programsNamedIn(script: string, folder: string): string[] {
  const assignment = /^\s*(\w+)=["']?(\/[^\s"';]+).*$/gm;
  const variables = new Map([...script.matchAll(assignment)].map(([, name, value]) => [name, value]));
  return [...script.replace(assignment, '').matchAll(/(?:\/|\$\{?\w+\}?\/)[\w./-]+/g)]
    .map(([word]) => word.replace(/^\$\{?(\w+)\}?/, (_, name: string) => variables.get(name) ?? folder))
    .filter((word) => programName.test(word));
}
