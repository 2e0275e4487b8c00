import type { EdgeRequest } from '../messages.ts';
import { isSameSecret } from '../same-secret.ts';

export interface TokenCheck {
  /** The token in a request's head; empty where there is none. */
  shown(request: EdgeRequest): string;
  isKnown(shown: string): boolean;
}

/** Whether whoever asks has shown the token. Where it is empty everybody has. */
export function createTokenCheck(token: string): TokenCheck {
  return {
    shown: ({ headers }) => String(headers['x-prerender-token'] ?? ''),
    isKnown: (shown) => token === '' || isSameSecret(shown, token),
  };
}

export const tokenWanted = 'A token is required: X-Prerender-Token with the value of service.token';
