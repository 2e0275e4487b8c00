import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

const log = import.meta.resolve('../../src/observe/log.ts');

/** What a process writes for an answer whose words come from a stranger. */
function written(format: 'json' | 'pretty'): string {
  const script = `
    const { createEventLog } = await import(${JSON.stringify(log)});
    const hostile = '/a\\x1b[2J\\x1b]0;title\\x07\\r\\n{"level":60,"msg":"forged"}\\u2028';
    const { report, close } = createEventLog({ level: 'info', format: ${JSON.stringify(format)} });
    report({ type: 'answer', requestId: 'r', traceId: 't', method: 'GET', host: hostile, target: hostile, status: 200,
      reader: { class: 'search', name: hostile }, outcome: 'pass', because: 'person', bytes: 1, durationMs: 1 });
    setTimeout(close, 500);`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, NO_COLOR: '1' },
  });
  expect(stderr).toBe('');
  return stdout;
}

describe('words of strangers in the log', () => {
  it('stay within one line, and one object', () => {
    const lines = written('json').trimEnd().split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 30 });
  });

  it.each(['json', 'pretty'] as const)('give no orders to a terminal: %s', (format) => {
    const text = written(format);
    expect(text).toContain('forged');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/);
  });
});
