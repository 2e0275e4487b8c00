import { expect, it } from 'vitest';
import { severityOf } from '../../src/observe/log.ts';

it('the log speaks up for what somebody should see', () => {
  expect(severityOf({ type: 'error', message: 'x' })).toBe('error');
  expect(severityOf({ type: 'render.failed', url: '', code: 'timeout', message: '' })).toBe('warn');
  expect(severityOf({ type: 'egress', verdict: 'allowed', host: '' })).toBe('debug');
});
