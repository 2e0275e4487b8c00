import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A tab's name and password at its own listener: other programs on this machine do not know them. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export function newCredentials(): Credentials {
  return { username: 'preface', password: randomBytes(24).toString('base64url') };
}

/** Checks `Proxy-Authorization` in constant time. */
export function credentialCheck({ username, password }: Credentials): (field: string | undefined) => boolean {
  const right = digest(`Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`);
  return (field) => timingSafeEqual(digest(field ?? ''), right);
}

/** Digests have one length, which is what a comparison in constant time needs. */
function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
