import { isIP, isIPv6 } from 'node:net';

/** `http://host[:port]` and nothing more: paths are forwarded unchanged. Throws with a message for people. */
export function parseBaseUrl(text: string): URL {
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(text)) {
    throw new Error(
      `must begin with its scheme, such as http://${URL.canParse(`http://${text}`) ? text : 'host:port'}`,
    );
  }
  if (!URL.canParse(text)) throw new Error('must be a URL, such as http://127.0.0.1:3000');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new Error('must begin with http:// or https://');
  if (url.username !== '' || url.password !== '') throw new Error('must not carry a user name or a password');
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw new Error(`must end after the host, since paths are forwarded unchanged: ${url.origin}`);
  }
  return url;
}

/** An address (`10.0.0.7`, `::1`) or a network (`10.0.0.0/8`). Throws with a message for people. */
export function parseNetwork(text: string): string {
  const [address = '', prefix, ...rest] = text.split('/');
  const longest = isIPv6(address) ? 128 : 32;
  const fits = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= longest);
  if (isIP(address) === 0 || !fits || rest.length > 0) {
    throw new Error('must be an address or a network, such as 10.0.0.7 or 10.0.0.0/8');
  }
  return text;
}

/** `host` or `host:port` in lower case, as in a `Host` header. Throws with a message for people. */
export function parseHost(text: string): string {
  const plain = URL.canParse(`http://${text}`) && /^[^/?#@\s]+$/.test(text);
  if (!plain) throw new Error('must be a host as browsers send it, such as www.example.com or localhost:8080');
  return new URL(`http://${text}`).host;
}

/** Host names as people write them for this machine itself. */
export function isLoopback(host: string): boolean {
  const plain = host.replace(/^\[|\]$/g, '').toLowerCase();
  return plain === 'localhost' || plain === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(plain);
}

/** Listens on every address of the machine. */
export function isWildcard(host: string): boolean {
  return ['0.0.0.0', '::', '[::]', ''].includes(host);
}

/** The port that a URL connects to, its scheme's own one where none is written. */
export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}
