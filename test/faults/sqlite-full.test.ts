import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const writer = path.join(import.meta.dirname, 'sqlite-writer.ts');
const folder = mkdtempSync(path.join(tmpdir(), 'preface-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const canMount = spawnSync('unshare', ['-Urm', 'mount', '-t', 'tmpfs', 'none', folder]).status === 0;

function run(script: string) {
  const { stdout, stderr } = spawnSync(
    'unshare',
    ['-Urm', 'bash', '-c', script, 'bash', folder, process.execPath, writer],
    {
      encoding: 'utf8',
      timeout: 60_000,
    },
  );
  if (!stdout.startsWith('{')) throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, unknown>;
}

describe.skipIf(!canMount)(`a full disk${canMount ? '' : ' (skipped: no file system can be mounted here)'}`, () => {
  it('switches the disk off and not the service, and the disk on again when there is room', () => {
    const came = run(`
      mount -t tmpfs -o size=8m none "$1" && head -c 4000000 /dev/zero > "$1/ballast" &&
      exec "$2" "$3" until-full "$1" "$1/ballast"`);
    expect(came).toMatchObject({ served: true, triedAgain: 0, failuresAfter: 0, kept: true });
    expect(came.failedWith).toEqual([expect.stringMatching(/full/)]);
    expect(came.written).toBeGreaterThan(20);
  });

  it('does not keep the service from starting', () => {
    const came = run(`
      mount -t tmpfs -o size=16k none "$1" && head -c 12000 /dev/zero > "$1/ballast"
      exec "$2" "$3" until-full "$1/pages"`);
    expect(came.failedWith).toEqual([expect.stringMatching(/memory only/)]);
    expect(came.served).toBe(true);
  });
});
