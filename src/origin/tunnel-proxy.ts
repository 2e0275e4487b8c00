import { createRequire } from 'node:module';
import util from 'node:util';
import type HttpProxy from 'http-proxy';

/**
 * A proxy server of the `http-proxy` package. The package takes `util._extend` when it is loaded, and Node warns on standard error when that old
 * function is first called; given `Object.assign` (the same thing) for that moment, it is silent, and no other warning is hidden.
 */
export function createProxyServer(): HttpProxy {
  const old = util as { _extend?: unknown };
  const { _extend } = old;
  old._extend = Object.assign;
  try {
    const { createProxyServer: create } = createRequire(import.meta.url)('http-proxy') as typeof HttpProxy;
    return create({});
  } finally {
    old._extend = _extend;
  }
}
