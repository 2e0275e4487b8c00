import { expect, it } from 'vitest';
import { hasBody } from '../../src/page/body-framing.ts';

it.each([
  [{}, false],
  [{ 'content-length': '0' }, false],
  [{ 'content-length': '5' }, true],
  [{ 'transfer-encoding': 'chunked' }, true],
])('knows by %j whether a request has a body', (fields, is) => {
  expect(hasBody(fields)).toBe(is);
});
