import { createHash, timingSafeEqual } from 'node:crypto';

/** Hashes are compared, so that neither the secret's length nor a common beginning can be timed. */
export function isSameSecret(given: string, secret: string): boolean {
  return timingSafeEqual(digest(given), digest(secret));
}

const digest = (text: string) => createHash('sha256').update(text).digest();
