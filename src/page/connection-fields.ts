/**
 * Fields that belong to one connection and never travel through a proxy: RFC 9110 §7.6.1, the `Proxy-` family (§11.7), HTTP2-Settings
 * (RFC 7540 §3.2.1) and `Proxy`, which old CGI programs take for a setting.
 */
const connectionFields = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Whether a field, by its lower-case name, ends at this connection. */
export const isConnectionField = (name: string): boolean => connectionFields.has(name);

const none: ReadonlySet<string> = new Set();

/** The field names that a `Connection` value nominates as belonging to the connection; most values nominate nothing. */
export function nominatedFields(connection: string | undefined): ReadonlySet<string> {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return none;
  return new Set(connection.split(',').map((token) => token.trim().toLowerCase()));
}
