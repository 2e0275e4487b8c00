import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findChromium, newerBuildFirst, programsNamedIn } from '../../src/render/find-chromium.ts';

let root = '';
const nowhere = { debian: [], path: [], darwin: [], win32: [] };

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'find-chromium-'));
});
afterEach(() => rm(root, { recursive: true }));

async function put(name: string, content = '\x7fELF'): Promise<string> {
  const file = path.join(root, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
  await chmod(file, 0o755);
  return file;
}

function find(options: Partial<Parameters<typeof findChromium>[0]> = {}) {
  const { env, locations, ...rest } = options;
  return findChromium({
    env: { HOME: root, ...env },
    platform: 'linux',
    locations: { ...nowhere, ...locations },
    ...rest,
  });
}

describe('findChromium', () => {
  it('takes the configured path before anything else', async () => {
    const [configured, fromEnv] = [await put('mine'), await put('env')];
    const found = await find({ configuredPath: configured, env: { PUPPETEER_EXECUTABLE_PATH: fromEnv } });
    expect(found).toEqual({ path: configured, from: 'configured' });
  });

  it('takes PUPPETEER_EXECUTABLE_PATH before what it could find itself', async () => {
    const [fromEnv, system] = [await put('env'), await put('system')];
    const found = await find({
      env: { PUPPETEER_EXECUTABLE_PATH: fromEnv },
      locations: { ...nowhere, debian: [system] },
    });
    expect(found).toEqual({ path: fromEnv, from: 'environment' });
  });

  it('finds nothing, and not another one, when the chosen path is wrong', async () => {
    const system = await put('system');
    const found = await find({ configuredPath: path.join(root, 'typo'), locations: { ...nowhere, debian: [system] } });
    expect(found).toBeUndefined();
  });

  it("takes the newest headless shell of puppeteer's cache before its full Chrome", async () => {
    const cache = (build: string, product: string) =>
      put(`.cache/puppeteer/${product}/linux-${build}/${product}-linux64/${product}`);
    await cache('99.0.1.1', 'chrome-headless-shell');
    const newest = await cache('156.0.2.10', 'chrome-headless-shell');
    await cache('156.0.2.9', 'chrome-headless-shell');
    await cache('157.0.0.0', 'chrome');
    expect(await find()).toEqual({ path: newest, from: 'puppeteer-cache' });
  });

  it('looks into the known folders before the PATH', async () => {
    const [system, onPath] = [await put('lib/chromium'), await put('bin/chromium')];
    const locations = { ...nowhere, debian: [path.join(root, 'not-there'), system], path: ['chromium'] };
    expect(await find({ env: { PATH: path.dirname(onPath) }, locations })).toEqual({ path: system, from: 'system' });
    await rm(system);
    expect(await find({ env: { PATH: path.dirname(onPath) }, locations })).toEqual({ path: onPath, from: 'path' });
  });

  it('goes through a shell script and a link to the program itself', async () => {
    const program = await put('lib/chromium-headless-shell');
    const script = await put('libexec/wrapper', `#!/bin/sh -e\n\n${program} "$@"\n`);
    await mkdir(path.join(root, 'bin'));
    await symlink(script, path.join(root, 'bin/chromium-headless-shell'));
    const found = await find({
      env: { PATH: path.join(root, 'bin') },
      locations: { ...nowhere, path: ['chromium-headless-shell'] },
    });
    expect(found).toEqual({ path: program, from: 'path' });
  });

  it('passes over a script that leads nowhere', async () => {
    await put('bin/chromium', '#!/bin/sh\nexec snap run chromium "$@"\n');
    const found = await find({ env: { PATH: path.join(root, 'bin') }, locations: { ...nowhere, path: ['chromium'] } });
    expect(found).toBeUndefined();
  });

  it('does not take names from relative folders of the PATH', async () => {
    expect(await find({ env: { PATH: '.:bin' }, locations: { ...nowhere, path: ['package.json'] } })).toBeUndefined();
  });
});

describe('programsNamedIn', () => {
  it.each([
    [
      'Debian, full',
      'LIBDIR=/usr/lib/chromium\nAPPNAME=chromium\nexec $LIBDIR/chromium "$@"',
      ['/usr/lib/chromium/chromium'],
    ],
    ['Google', 'HERE="`dirname "$SELF"`"\nexec -a "$0" "$HERE/chrome" "$@"', ['/opt/google/chrome']],
    ['quotes and braces', `exec "$\{HERE}/headless_shell" "$@"`, ['/opt/google/headless_shell']],
    ['other paths only', '. /etc/chromium.d/default-flags', []],
  ])('reads the wrapper of %s', (_, script, programs) => {
    expect(programsNamedIn(script, '/opt/google')).toEqual(programs);
  });
});

it('sorts builds by number', () => {
  expect(['linux-9.0.0.0', 'linux-146.0.2.10', 'linux-146.0.2.9'].sort(newerBuildFirst)).toEqual([
    'linux-146.0.2.10',
    'linux-146.0.2.9',
    'linux-9.0.0.0',
  ]);
});
