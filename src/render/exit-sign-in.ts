import type { CDPSession } from 'puppeteer';
import type { TabExit } from '../egress/exit.ts';

/** Answered by the exit itself, with 204, to whoever has its password. */
const signInUrl = 'http://preface.invalid/';

/**
 * Gives a tab's context the password of its exit. Chromium asks once and remembers it for the whole context, its workers and
 * WebSockets too; so the `Fetch` domain, which would slow every request down, is on for this one request only.
 */
export async function signInToExit(session: CDPSession, exit: TabExit): Promise<void> {
  let asked = 0;
  session.on('Fetch.authRequired', answer);
  session.on('Fetch.requestPaused', goOn);
  const status = statusOf(session, signInUrl);
  try {
    await session.send('Fetch.enable', { handleAuthRequests: true, patterns: [{ urlPattern: `${signInUrl}*` }] });
    // A 204 leaves the tab where it is, so the navigation itself "fails".
    await session.send('Page.navigate', { url: signInUrl });
    if ((await status.seen) !== 204) throw new Error(`the tab cannot use its exit: ${await status.seen}`);
  } finally {
    status.stop();
    session.off('Fetch.authRequired', answer);
    session.off('Fetch.requestPaused', goOn);
    await session.send('Fetch.disable');
  }

  function answer({ requestId, authChallenge }: { requestId: string; authChallenge: { source?: string } }): void {
    asked += 1;
    // Asked twice means refused; anybody but the proxy is not to have its password.
    const known = authChallenge.source === 'Proxy' && asked === 1;
    const authChallengeResponse = known
      ? { response: 'ProvideCredentials' as const, ...exit.credentials }
      : { response: 'CancelAuth' as const };
    session.send('Fetch.continueWithAuth', { requestId, authChallengeResponse }).catch(() => {});
  }

  function goOn({ requestId }: { requestId: string }): void {
    session.send('Fetch.continueRequest', { requestId }).catch(() => {});
  }
}

interface Answer {
  readonly requestId: string;
  readonly response: { readonly url: string; readonly status: number };
}

/** The status of the answer for `url`, or why there is none. */
function statusOf(session: CDPSession, url: string): { seen: Promise<number | string>; stop(): void } {
  const { promise, resolve } = Promise.withResolvers<number | string>();
  const answered = ({ response }: Answer) => response.url === url && resolve(response.status);
  const failed = ({ errorText }: { errorText: string }) => resolve(errorText);
  session.on('Network.responseReceived', answered);
  session.on('Network.loadingFailed', failed);
  return {
    seen: promise,
    stop() {
      session.off('Network.responseReceived', answered);
      session.off('Network.loadingFailed', failed);
    },
  };
}
