import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../fixtures/temp-folder.ts';

const script = join(import.meta.dirname, '../../scripts/bootstrap.mjs');
const lock = {
  packages: { '': {}, 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '2.0.0', optional: true } },
};

/** A project of stand-ins: npm, vite and apt-get write down how they were called. */
class Project {
  readonly root = tempFolder();

  constructor() {
    this.write('package-lock.json', JSON.stringify(lock));
    this.write(
      'node_modules/.package-lock.json',
      JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0' } } }),
    );
    this.write('node_modules/vite/bin/vite.js', standIn('vite.called', { 'demo/dist/index.html': 'built' }));
    this.write('npm-cli.js', standIn('npm.called', { 'node_modules/.package-lock.json': JSON.stringify(lock) }));
    this.write('bin/apt-get', '#!/bin/sh\necho "$@" >> apt.called\n');
    chmodSync(join(this.root, 'bin/apt-get'), 0o755);
    this.write('chromium', '');
    this.places([join(this.root, 'chromium')]);
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  read(path: string): string | undefined {
    return existsSync(join(this.root, path)) ? readFileSync(join(this.root, path), 'utf8') : undefined;
  }

  places(paths: readonly string[]): void {
    this.write(
      'src/render/chromium-locations.json',
      JSON.stringify({ debian: paths, darwin: paths, win32: paths, path: [] }),
    );
  }

  run(environment: Record<string, string> = {}): Promise<{ code: number | null; says: string }> {
    const child = spawn(process.execPath, [script], {
      cwd: this.root,
      env: {
        PATH: `${join(this.root, 'bin')}:${process.env.PATH}`,
        HOME: this.root,
        npm_execpath: join(this.root, 'npm-cli.js'),
        // Nobody listens there: downloads are out of reach.
        PUPPETEER_CHROME_HEADLESS_SHELL_DOWNLOAD_BASE_URL: 'http://127.0.0.1:1',
        ...environment,
      },
    });
    let says = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (says += chunk));
    return new Promise((resolve) => child.on('close', (code) => resolve({ code, says })));
  }
}

function standIn(mark: string, files: Record<string, string>): string {
  return `const { appendFileSync, mkdirSync, writeFileSync } = require('node:fs');
    appendFileSync('${mark}', process.argv.slice(2).join(' ') + '\\n');
    for (const [path, text] of Object.entries(${JSON.stringify(files)})) {
      mkdirSync(require('node:path').dirname(path), { recursive: true });
      writeFileSync(path, text);
    }`;
}

const isRootOnDebian = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');

describe('the bootstrap', () => {
  it('says and does nothing when all is there', async () => {
    const project = new Project();
    expect(await project.run()).toEqual({ code: 0, says: '' });
    expect(project.read('npm.called')).toBeUndefined();
  });

  it.each([
    ['there is no node_modules', undefined],
    ['a is missing', { packages: {} }],
    ['a is 0.9.0, not 1.0.0', { packages: { 'node_modules/a': { version: '0.9.0' } } }],
  ])('installs the dependencies when %s, and once only', async (why, installed) => {
    const project = new Project();
    project.write('node_modules/.package-lock.json', installed === undefined ? '' : JSON.stringify(installed));
    const { code, says } = await project.run({ NODE_ENV: 'production' });
    expect(code).toBe(0);
    expect(says).toContain(`installing dependencies: ${why}`);
    expect(project.read('npm.called')).toMatch(/^install --no-save .*--include=dev/);
    expect(await project.run()).toEqual({ code: 0, says: '' });
  });

  it("shows npm's own words when it fails, and ends with 1", async () => {
    const project = new Project();
    project.write('node_modules/.package-lock.json', '');
    project.write('npm-cli.js', 'console.error("npm error 404 Not Found"); process.exit(1)');
    const { code, says } = await project.run();
    expect(code).toBe(1);
    expect(says).toContain('npm error 404 Not Found');
  });

  it('builds the demo when it is not built, and again when its sources change', async () => {
    const project = new Project();
    project.write('demo/index.html', '<div>');
    expect((await project.run()).says).toContain('building the demo shop: it has not been built yet');
    expect(await project.run()).toEqual({ code: 0, says: '' });
    project.write('demo/src/new.tsx', 'export {}');
    expect((await project.run()).says).toContain('building the demo shop: its sources have changed');
    expect(project.read('vite.called')).toBe('build demo --logLevel warn\n'.repeat(2));
  });

  it('leaves Chromium to whoever has chosen one', async () => {
    const project = new Project();
    project.places([]);
    expect(await project.run({ PUPPETEER_EXECUTABLE_PATH: '/opt/chrome' })).toEqual({ code: 0, says: '' });
  });

  it("finds a Chromium in puppeteer's cache", async () => {
    const project = new Project();
    project.places([]);
    const name = process.platform === 'win32' ? 'chrome.exe' : 'chrome';
    project.write(`.cache/puppeteer/chrome/linux-1.2.3/chrome-linux64/${name}`, '');
    expect(await project.run()).toEqual({ code: 0, says: '' });
  });

  it.runIf(isRootOnDebian)(
    'takes the package of Debian when it is root there and downloads are out of reach',
    async () => {
      const project = new Project();
      project.places([]);
      const { code, says } = await project.run();
      expect(code).toBe(0);
      expect(says).toContain('installing chromium-headless-shell with apt-get');
      expect(project.read('apt.called')).toMatch(
        /^update -qq\n.*install -y .*--no-install-recommends chromium-headless-shell\n$/,
      );
    },
  );

  it('names the one command that brings a Chromium, and lets the start go on', async () => {
    const project = new Project();
    project.places([]);
    project.write('bin/apt-get', '#!/bin/sh\necho "no network" >&2; exit 100\n');
    const { code, says } = await project.run();
    expect(code).toBe(0);
    expect(says).toMatch(/Install it with:\nbootstrap: {3}\S+/);
  });
});
