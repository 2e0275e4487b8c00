import { describe } from 'vitest';
import { isHeadlessShell } from '../../src/render/find-chromium.ts';
import { settlesPages } from '../contract/settling.ts';
import { chromiumPath } from './settle-harness.ts';

describe.skipIf(!isHeadlessShell(chromiumPath))('with frames on demand, which only a headless shell has', () => {
  settlesPages('on demand');
});
