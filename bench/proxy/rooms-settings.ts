import type { EdgeServerSettings } from '../../src/http/server.ts';
import type { OriginSettings } from '../../src/origin/proxy-origin.ts';

export const edgeSettings = (port: number): EdgeServerSettings => ({
  host: '127.0.0.1',
  port,
  maxHeaderBytes: 32 * 1024,
  maxConnections: 10_000,
  headersTimeoutMs: 15_000,
  keepAliveTimeoutMs: 75_000,
  minUploadBytesPerSecond: 1024,
  uploadGraceMs: 30_000,
  sendTimeoutMs: 60_000,
  isOwnHost: () => true,
});

export const originSettings = (originUrl: URL): OriginSettings => ({
  originUrl,
  publicUrl: originUrl,
  hosts: [],
  hostHeader: 'public',
  trustsPeer: () => false,
  maxConnections: 1_000,
  connectTimeoutMs: 10_000,
  headersTimeoutMs: 60_000,
  bodyIdleTimeoutMs: 300_000,
  keepAliveTimeoutMs: 4_000,
  queueTimeoutMs: 10_000,
  maxHeaderBytes: 64 * 1024,
  maxTunnels: 1_000,
  handshakeTimeoutMs: 10_000,
  closeGraceMs: 1_000,
});
