import { createHash, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { generate } from 'selfsigned';

export interface EgressCertificate {
  /** For every host: Chromium accepts it by its key, not by its names. */
  readonly context: SecureContext;
  /** SHA-256 of the public key (SubjectPublicKeyInfo), base64: an entry of `--ignore-certificate-errors-spki-list`. */
  readonly spki: string;
}

const dayMs = 86_400_000;

/**
 * A new key for this process; it never leaves its memory. Elliptic, since one signature is made per connection and an
 * RSA one takes ten times as long. One context for all connections, so that Chromium can resume its sessions.
 */
export async function createCertificate(now: number): Promise<EgressCertificate> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'Preface egress' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - dayMs),
    notAfterDate: new Date(now + 3650 * dayMs),
  });
  const publicKey = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' });
  return {
    context: createSecureContext({ cert, key, minVersion: 'TLSv1.2' }),
    spki: createHash('sha256').update(publicKey).digest('base64'),
  };
}
