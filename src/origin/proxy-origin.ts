import { isIP } from 'node:net';
import type { Clock } from '../clock.ts';
import type { Report } from '../events.ts';
import { ConnectionPool, type PoolSettings } from './connection-pool.ts';
import { Exchange } from './exchange.ts';
import { Flushes } from './flushes.ts';
import { createForwarding, type ForwardingSettings } from './forwarding.ts';
import type { ForwardOutcome, Origin } from './origin.ts';
import { createTunnels, type TunnelSettings } from './tunnel.ts';

export interface OriginSettings extends ForwardingSettings, Omit<PoolSettings, 'serverName'>, TunnelSettings {}

export interface OriginParts {
  readonly clock: Clock;
  readonly report: Report;
}

/** The application's own server behind kept-alive connections: HTTP by a client of our own, WebSockets by tunnels. */
export function createOrigin(settings: OriginSettings, { clock, report }: OriginParts): Origin {
  const pool = new ConnectionPool({ ...settings, serverName: serverNameOf(settings) }, clock);
  const flushes = new Flushes();
  const forwarding = createForwarding(settings);
  const tunnels = createTunnels(settings, { clock, report, forwarding });

  let underWay = 0;

  async function close(signal?: AbortSignal): Promise<void> {
    const finished = Promise.all([pool.close(), tunnels.close()]);
    await Promise.race([finished, aborted(signal)]);
    tunnels.destroy();
    pool.destroy();
  }

  return {
    forward(request, response, options, done) {
      underWay += 1;
      const ended = (outcome: ForwardOutcome) => {
        underWay -= 1;
        done(outcome);
      };
      const parts = { pool, flushes, forwarding: forwarding(request), options, done: ended };
      new Exchange(request, response, parts).start();
    },
    upgrade: tunnels.open,
    endTunnels: () => void tunnels.close(),
    async retire() {
      while (underWay > 0 || tunnels.size() > 0) await clock.sleep(retireLookMs);
      await close();
    },
    close,
  };
}

/** How often a retiring origin looks whether all has ended. */
const retireLookMs = 1_000;

/** The name that the origin's certificate must have. An address has none; then it is the application's public one. */
function serverNameOf({ originUrl, publicUrl }: OriginSettings): string | undefined {
  if (originUrl.protocol !== 'https:') return undefined;
  return isIP(originUrl.hostname.replace(/^\[|\]$/g, '')) === 0 ? originUrl.hostname : publicUrl.hostname;
}

const aborted = (signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) resolve();
    else signal?.addEventListener('abort', () => resolve(), { once: true });
  });
