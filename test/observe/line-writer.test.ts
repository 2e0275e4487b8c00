import { execFileSync, type StdioOptions, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLineWriter } from '../../src/observe/line-writer.ts';

let directory: string;
let file: string;
let descriptor: number;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'preface-lines-'));
  file = join(directory, 'log');
  descriptor = openSync(file, 'w');
});
afterEach(() => {
  closeSync(descriptor);
  rmSync(directory, { recursive: true });
});

const written = () => readFileSync(file, 'utf8');
const noTrouble = (said: string) => {
  throw new Error(said);
};

describe('lines', () => {
  it('are written together after a while', async () => {
    const lines = createLineWriter(descriptor, noTrouble);
    lines.write('a\n');
    lines.write('b\n');
    expect(written()).toBe('');
    await vi.waitFor(() => expect(written()).toBe('a\nb\n'));
  });

  it('are written in order, however many they are', async () => {
    const lines = createLineWriter(descriptor, noTrouble);
    const many = Array.from({ length: 50_000 }, (_, n) => `${n}\n`);
    for (const line of many) lines.write(line);
    await lines.close();
    expect(written()).toBe(many.join(''));
  });

  it('are written when the process ends, without anybody having said so', () => {
    const lines = createLineWriter(descriptor, noTrouble);
    lines.write('last words\n');
    const [writeRest] = process.listeners('exit').slice(-1);
    writeRest?.call(process, 0);
    expect(written()).toBe('last words\n');
  });

  it('are written when the process ends although others were being written when they came', async () => {
    const others = new Set(process.listeners('exit'));
    const lines = createLineWriter(descriptor, noTrouble);
    const early = 'x'.repeat(40_000);
    lines.write(early);
    lines.write('last words\n');
    await vi.waitFor(() => expect(written()).toBe(early));
    // The writer hears of the end of its write in a later turn.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    for (const listener of process.listeners('exit')) if (!others.has(listener)) listener.call(process, 0);
    expect(written()).toBe(`${early}last words\n`);
  });

  it.runIf(process.platform === 'linux')(
    'are lost on a full disk, which is told once, and nothing else happens',
    async () => {
      const full = openSync('/dev/full', 'w');
      const told: string[] = [];
      const lines = createLineWriter(full, (said) => told.push(said));
      for (let n = 0; n < 3; n += 1) {
        lines.write('x\n'.repeat(20_000));
        await lines.close();
      }
      closeSync(full);
      expect(told).toEqual([expect.stringContaining('ENOSPC')]);
    },
  );

  it.runIf(process.platform === 'linux')(
    'keep no process from ending when nobody reads its pipe, nor do they take up memory without end',
    async () => {
      const pipe = join(directory, 'pipe');
      execFileSync('mkfifo', [pipe]);
      // Whoever may read and write does not wait for the other end.
      const unread = openSync(pipe, 'r+');
      const writer = import.meta.resolve('../../src/observe/line-writer.ts');
      const script = `
      const { createLineWriter, standardOutput } = await import(${JSON.stringify(writer)});
      const lines = createLineWriter(standardOutput(), (said) => process.stderr.write(said));
      for (let n = 0; n < 1000; n++) lines.write('x'.repeat(40_000));
      await lines.close();
      process.exit(0);`;
      const stdio: StdioOptions = ['ignore', unread, 'pipe'];
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio });
      const ended = new Promise((resolve) => child.once('exit', resolve));
      const said = child.stderr === null ? '' : await text(child.stderr);
      closeSync(unread);
      expect([await ended, said]).toEqual([0, expect.stringContaining('nobody reads it')]);
    },
  );
});
