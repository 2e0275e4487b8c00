import { describe, expect, it } from 'vitest';
import { severityOf, withoutSecrets } from '../../src/observe/log.ts';

describe('the log', () => {
  it.each([
    ['a=1&token=abc&b=2', 'a=1&token=***&b=2'],
    ['access_token=abc', 'access_token=***'],
    ['api-key=abc&q=lamp', 'api-key=***&q=lamp'],
    ['q=token', 'q=token'],
    ['', ''],
  ])('keeps the secrets of %j out', (query, logged) => {
    expect(withoutSecrets(query)).toBe(logged);
  });

  it('speaks up for what somebody should see', () => {
    expect(severityOf({ type: 'error', message: 'x' })).toBe('error');
    expect(severityOf({ type: 'render.failed', url: '', code: 'timeout', message: '' })).toBe('warn');
    expect(severityOf({ type: 'egress', verdict: 'allowed', host: '' })).toBe('debug');
  });
});
