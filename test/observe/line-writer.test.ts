import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

describe('lines', () => {
  it('are written together after a while', async () => {
    const lines = createLineWriter(descriptor);
    lines.write('a\n');
    lines.write('b\n');
    expect(written()).toBe('');
    await vi.waitFor(() => expect(written()).toBe('a\nb\n'));
  });

  it('are written in order, however many they are', async () => {
    const lines = createLineWriter(descriptor);
    const many = Array.from({ length: 10_000 }, (_, n) => `${n}\n`);
    for (const line of many) lines.write(line);
    await vi.waitFor(() => expect(written()).toBe(many.join('')));
  });

  it('are written when the process ends, without anybody having said so', async () => {
    const lines = createLineWriter(descriptor);
    lines.write('last words\n');
    const [flush] = process.listeners('exit').slice(-1);
    flush?.call(process, 0);
    expect(written()).toBe('last words\n');
  });
});
