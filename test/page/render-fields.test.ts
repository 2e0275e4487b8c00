import { expect, it } from 'vitest';
import { isTakenField } from '../../src/page/render-fields.ts';

it.each(['host', 'te', 'connection', 'http2-settings', 'proxy', 'proxy-x', 'sec-websocket-key', 'cdn-loop', 'expect'])(
  'keeps %s for itself',
  (name) => {
    expect(isTakenField(name)).toBe(true);
  },
);

it.each(['authorization', 'cookie', 'x-stage-key', 'x-forwarded-for', 'hostname', 'proxying', 'accept-language'])(
  'leaves %s to the operator',
  (name) => {
    expect(isTakenField(name)).toBe(false);
  },
);
