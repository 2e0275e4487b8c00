import { request } from 'undici';
import { messageOf } from '../errors.ts';

export type ProbeResult =
  | { readonly reachable: true; readonly status: number; readonly ms: number }
  | { readonly reachable: false; readonly because: string };

/** Asks the origin for its front page, to see whether it answers at all; any status will do. Never rejects. */
export async function probeOrigin(
  originUrl: URL,
  { timeoutMs, host }: { readonly timeoutMs: number; readonly host?: string },
): Promise<ProbeResult> {
  const began = performance.now();
  try {
    const answer = await request(originUrl, {
      headers: { accept: 'text/html', ...(host === undefined ? {} : { host }) },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      signal: AbortSignal.timeout(timeoutMs),
    });
    answer.body.on('error', () => {}).destroy();
    return { reachable: true, status: answer.statusCode, ms: Math.round(performance.now() - began) };
  } catch (cause) {
    return { reachable: false, because: messageOf(cause) };
  }
}
