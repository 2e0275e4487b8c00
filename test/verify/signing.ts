import { createPrivateKey, sign } from 'node:crypto';
import { thumbprint } from '../../src/verify/key-directory.ts';
import { signatureBase } from '../../src/verify/signature-base.ts';
import { parseDictionary } from '../../src/verify/structured-fields.ts';

/** The key `test-key-ed25519` of RFC 9421 appendix B.1.4. */
export const testKey = {
  kty: 'OKP',
  crv: 'Ed25519',
  d: 'n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU',
  x: 'JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs',
} as const;

export const testKeyId = thumbprint(testKey.x);

/** The public half as a directory publishes it. */
export const directoryOf = (...keys: readonly object[]) => JSON.stringify({ keys });
export const publicTestKey = { kty: testKey.kty, crv: testKey.crv, kid: testKeyId, use: 'sig', x: testKey.x };

export interface Signing {
  readonly label?: string;
  readonly agent?: string;
  readonly covered?: string;
  /** `Signature-Agent` as in the earlier drafts: one string. */
  readonly isBare?: boolean;
  readonly created?: number;
  readonly expires?: number;
  readonly rest?: string;
  readonly host?: string;
  readonly url?: string;
}

/** A request as an agent signs it; every part can be another one. */
export function signedRequest(nowSeconds: number, signing: Signing = {}) {
  const {
    label = 'sig1',
    agent = 'https://bot.example',
    isBare = false,
    covered = isBare ? '"@authority" "signature-agent"' : `"@authority" "signature-agent";key="${label}"`,
    created = nowSeconds,
    expires = nowSeconds + 60,
    rest = `;keyid="${testKeyId}";alg="ed25519";tag="web-bot-auth"`,
    host = 'shop.example',
    url = '/lamps/7?colour=red',
  } = signing;
  const input = `(${covered});created=${created};expires=${expires}${rest}`;
  const headers = { host, 'signature-agent': isBare ? `"${agent}"` : `${label}="${agent}"` };
  const list = parseDictionary(`${label}=${input}`)?.get(label);
  if (list?.kind !== 'list') throw new Error(`no list: ${input}`);
  return signedWith(input, signatureBase({ method: 'GET', url, headers }, list, 'https') ?? '', {
    label,
    url,
    headers,
  });
}

function signedWith(
  input: string,
  base: string,
  { label, url, headers }: { readonly label: string; readonly url: string; readonly headers: Record<string, string> },
) {
  const signature = sign(null, Buffer.from(base), createPrivateKey({ key: testKey, format: 'jwk' })).toString('base64');
  return {
    method: 'GET',
    url,
    headers: { ...headers, 'signature-input': `${label}=${input}`, signature: `${label}=:${signature}:` } as Record<
      string,
      string
    >,
  };
}
