import type { CDPSession, Protocol } from 'puppeteer';
import type { NetworkAccount } from './settle-network.ts';

interface Following {
  /** Stands for the loader of all its requests, where they have none of their own. */
  readonly loaderId?: string;
  readonly wants?: (event: Protocol.Network.RequestWillBeSentEvent) => boolean;
}

/** Enters into the account what one session (the page's, or a worker's) tells of the network. */
export function followNetwork(session: CDPSession, account: NetworkAccount, { loaderId, wants }: Following): void {
  session.on('Network.requestWillBeSent', (event) => {
    if (wants && !wants(event)) return;
    account.requestStarted(loaderId === undefined ? event : { ...event, loaderId });
  });
  session.on('Network.responseReceived', (event) => account.responseBegan(event));
  session.on('Network.dataReceived', ({ requestId }) => account.channelHeard(requestId));
  session.on('Network.loadingFinished', ({ requestId }) => account.requestEnded(requestId));
  session.on('Network.loadingFailed', ({ requestId }) => account.requestEnded(requestId));
  session.on('Network.webSocketCreated', ({ requestId, url }) => account.channelCreated(requestId, url));
  session.on('Network.webSocketHandshakeResponseReceived', ({ requestId }) => account.channelOpened(requestId));
  session.on('Network.webSocketFrameSent', ({ requestId }) => account.channelSaid(requestId));
  session.on('Network.webSocketFrameReceived', ({ requestId }) => account.channelHeard(requestId));
  session.on('Network.webSocketClosed', ({ requestId }) => account.requestEnded(requestId));
  session.on('Network.eventSourceMessageReceived', ({ requestId }) => account.channelHeard(requestId));
}
