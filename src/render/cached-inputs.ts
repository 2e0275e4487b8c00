import type { CDPSession, Protocol } from 'puppeteer';
import type { TabExit } from '../egress/exit.ts';
import type { RenderInput } from '../page/snapshot.ts';

interface Asked {
  readonly method: string;
  readonly at: number;
}

/**
 * What went into a page out of Chromium's own caches: the egress does not see it, yet the page is made from it. Which version
 * it was the exit still knows, since Chromium had it from there.
 */
export function collectCachedInputs(
  session: CDPSession,
  exit: Pick<TabExit, 'served'>,
): { readonly inputs: readonly RenderInput[]; stop(): void } {
  const inputs: RenderInput[] = [];
  const asked = new Map<string, Asked>();
  const fromMemory = new Set<string>();
  let begun: number | undefined;

  const requested = ({ requestId, request, timestamp }: Protocol.Network.RequestWillBeSentEvent) => {
    begun ??= timestamp;
    asked.set(requestId, { method: request.method, at: timestamp });
  };
  const served = ({ requestId }: Protocol.Network.RequestServedFromCacheEvent) => void fromMemory.add(requestId);
  const responded = ({ requestId, response, type, timestamp }: Protocol.Network.ResponseReceivedEvent) => {
    const { method, at } = asked.get(requestId) ?? { method: 'GET', at: timestamp };
    const cached = fromMemory.has(requestId) || response.fromDiskCache || response.fromPrefetchCache;
    if (!cached || !/^https?:/.test(response.url)) return;
    inputs.push({
      method,
      url: response.url,
      status: response.status,
      type: type.toLowerCase(),
      ...exit.served(response.url),
      bytes: 0,
      startedMs: Math.round((at - (begun ?? at)) * 1000),
      durationMs: Math.round((timestamp - at) * 1000),
      verdict: 'cached',
    });
  };
  session.on('Network.requestWillBeSent', requested);
  session.on('Network.requestServedFromCache', served);
  session.on('Network.responseReceived', responded);
  return {
    inputs,
    stop() {
      session.off('Network.requestWillBeSent', requested);
      session.off('Network.requestServedFromCache', served);
      session.off('Network.responseReceived', responded);
    },
  };
}
