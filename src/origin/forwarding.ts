import type { EdgeRequest } from '../messages.ts';

export interface ForwardingSettings {
  readonly publicUrl: URL;
  /** Lower-case `host[:port]` values under which the application is known. */
  readonly hosts: readonly string[];
  /** Which host the origin is asked for: the one people type, or the origin's own. */
  readonly hostHeader: 'public' | 'origin';
  readonly originUrl: URL;
  /** Whether the peer with this address is a proxy whose word about the client counts. */
  readonly trustsPeer: (address: string) => boolean;
}

/** What the origin is told about the way that a request came. */
export interface Forwarding {
  readonly host: string;
  /** `X-Forwarded-*` field lines, flat `[name, value, …]`. */
  readonly fields: readonly string[];
  /** The client's own RFC 7239 `Forwarded` is passed on. */
  readonly keepsForwarded: boolean;
}

/** The client's fields that {@link Forwarding.fields} replaces. */
export const isForwardingField = (name: string): boolean => forwardingFields.has(name);

const forwardingFields = new Set(['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-port', 'x-forwarded-proto']);

/**
 * Nobody but a trusted proxy is believed about the client, the scheme or the host: an origin that builds links or checks
 * addresses from these fields would otherwise do as any visitor says.
 */
export function createForwarding(settings: ForwardingSettings): (request: EdgeRequest) => Forwarding {
  const { publicUrl, originUrl, hostHeader, trustsPeer } = settings;
  // A URL's parts are worked out at each reading.
  const ownHost = publicUrl.host;
  const fixedHost = hostHeader === 'origin' ? originUrl.host : undefined;
  const knownHosts = new Set([...settings.hosts, ownHost]);
  const scheme = publicUrl.protocol.slice(0, -1);
  const publicPort = publicUrl.port || (scheme === 'https' ? '443' : '80');

  return function forwarding(request) {
    const { headers } = request;
    const asked = headers.host;
    const publicHost =
      asked !== undefined && (knownHosts.has(asked) || knownHosts.has(plainHost(asked))) ? asked : ownHost;
    const peer = request.socket?.remoteAddress ?? 'unknown';
    const trusted = trustsPeer(peer);
    const before = trusted ? headers['x-forwarded-for'] : undefined;
    const told = (name: string, ours: string): string => (trusted ? single(headers[name]) : undefined) ?? ours;
    return {
      host: fixedHost ?? publicHost,
      keepsForwarded: trusted,
      fields: [
        'X-Forwarded-For',
        before === undefined ? peer : `${single(before)}, ${peer}`,
        'X-Forwarded-Proto',
        told('x-forwarded-proto', scheme),
        'X-Forwarded-Host',
        told('x-forwarded-host', publicHost),
        'X-Forwarded-Port',
        told('x-forwarded-port', publicPort),
      ],
    };
  };
}

const single = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join(', ') : value;

/** Lower case, without a port that says nothing. */
const plainHost = (host: string): string => host.toLowerCase().replace(/:(?:80|443)$/, '');
