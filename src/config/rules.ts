import { isAsciiFieldText, isFieldName } from '../page/field-syntax.ts';
import { isTakenField } from '../page/render-fields.ts';
import { isLoopback, isWildcard, portOf } from './addresses.ts';
import type { Problem } from './explain.ts';
import { type Path, pathText } from './layers.ts';
import type { Config } from './schema.ts';
import { siteConfigs } from './sites.ts';

/** A problem of several settings with each other. */
export interface Contradiction extends Problem {
  /** The settings that it follows from: when one of them is wrong in itself, nothing follows. */
  readonly follows: readonly Path[];
}

/** What no single setting can know. `ownAddresses` are those of this machine. */
export function contradictions(config: Config, ownAddresses: readonly string[]): readonly Contradiction[] {
  return [
    ...weakTokens(config),
    ...sharedPorts(config),
    ...ownOrigins(config, ownAddresses),
    ...storePlace(config),
    ...sharedHosts(config),
    ...renderHeaders([], config.render.headers),
    ...config.sites.flatMap(({ render }, index) => renderHeaders(['sites', index], render?.headers ?? {})),
  ];
}

const shortestToken = 16;

/** Whoever can reach a listener from another machine has to show a secret that nobody guesses. */
function weakTokens({ admin, service, listen }: Config): readonly Contradiction[] {
  const serving = { host: listen.host, token: service.token };
  return [
    ...weakToken('admin', admin, ['admin', 'host']),
    ...(service.enabled ? weakToken('service', serving, ['listen', 'host']) : []),
  ];
}

function weakToken(
  group: 'admin' | 'service',
  { host, token }: { readonly host: string; readonly token: string },
  hostPath: Path,
): readonly Contradiction[] {
  if (isLoopback(host) || token.length >= shortestToken) return [];
  const lack = token === '' ? 'is missing' : `has only ${token.length} characters`;
  const hostName = pathText(hostPath);
  const cure = `set one of at least ${shortestToken} characters (PREFACE_${group.toUpperCase()}__TOKEN), or ${hostName} to 127.0.0.1`;
  const message = `${lack}, and ${hostName} ${host} lets other machines in: ${cure}`;
  return [contradiction([group, 'token'], message, [hostPath])];
}

function renderHeaders(path: Path, headers: Readonly<Record<string, string>>): readonly Contradiction[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    const wrong = wrongField(name, value);
    const at = [...path, 'render', 'headers', name];
    return wrong === undefined ? [] : [contradiction(at, wrong, [[...path, 'render', 'headers']])];
  });
}

/** What is wrong with a header field to be sent, with the cure (RFC 9110 §5); never the value, which may be a secret. */
function wrongField(name: string, value: string): string | undefined {
  if (!isFieldName(name)) return 'is not the name of a header field: use letters, digits and "-"';
  if (isTakenField(name.toLowerCase())) return 'is a field that Preface writes itself: leave it out';
  if (!isAsciiFieldText(value)) return 'has a value that no header can carry: use printable ASCII on one line';
  return undefined;
}

interface Listener {
  readonly group: 'listen' | 'admin' | 'service';
  readonly host: string;
  readonly port: number;
}

function listeners({ listen, admin, service }: Config): readonly Listener[] {
  const always: readonly Listener[] = [
    { group: 'listen', host: listen.host, port: listen.port },
    { group: 'admin', host: admin.host, port: admin.port },
  ];
  return service.enabled ? [...always, { group: 'service', host: listen.host, port: service.port }] : always;
}

function sharedPorts(config: Config): readonly Contradiction[] {
  return listeners(config).flatMap((listener, index, all) => {
    const other = all.slice(0, index).find((earlier) => listener.port !== 0 && earlier.port === listener.port);
    if (other === undefined || !meet(listener.host, other.host)) return [];
    const message = `is ${listener.port}, which ${other.group}.port has already`;
    return [contradiction([listener.group, 'port'], message, [...addressOf(listener), ...addressOf(other)])];
  });
}

/** An origin at our own address would be asked for ever, by ourselves. */
function ownOrigins(config: Config, ownAddresses: readonly string[]): readonly Contradiction[] {
  const origins: readonly (readonly [Path, URL | undefined])[] = [
    [['origin'], config.origin],
    ...config.sites.map((site, index) => [['sites', index, 'origin'], site.origin] as const),
  ];
  return origins.flatMap(([path, origin]) => {
    if (origin === undefined) return [];
    const own = listeners(config).find(
      ({ host, port }) => port === portOf(origin) && answersTo(host, origin, ownAddresses),
    );
    if (own === undefined) return [];
    const cure = `give the application's address, or another ${own.group}.port`;
    return [contradiction(path, `is Preface itself (${own.group} ${own.host}:${own.port}): ${cure}`, addressOf(own))];
  });
}

function answersTo(listening: string, origin: URL, ownAddresses: readonly string[]): boolean {
  const host = origin.hostname.replace(/^\[|\]$/g, '');
  if (isWildcard(listening)) return isLoopback(host) || isWildcard(host) || ownAddresses.includes(host);
  return meet(listening, host);
}

function meet(one: string, other: string): boolean {
  if (isWildcard(one) || isWildcard(other)) return true;
  return one === other || (isLoopback(one) && isLoopback(other) && [one, other].includes('localhost'));
}

function storePlace({ cache }: Config): readonly Contradiction[] {
  const follows: readonly Path[] = [['cache', 'store']];
  if (cache.store === 'sqlite' && cache.directory === undefined) {
    return [
      contradiction(['cache', 'directory'], 'is missing: cache.store sqlite needs a place for its file', follows),
    ];
  }
  if (cache.store === 'redis' && cache.redisUrl === undefined) {
    const message = 'is missing: cache.store redis needs it, such as redis://localhost:6379';
    return [contradiction(['cache', 'redisUrl'], message, follows)];
  }
  return [];
}

function sharedHosts(config: Config): readonly Contradiction[] {
  const owners = new Map<string, string>();
  return siteConfigs(config).flatMap(({ site, path }) =>
    site.hosts.flatMap((host) => {
      const owner = owners.get(host);
      if (owner === undefined) owners.set(host, path.length === 0 ? 'the top level' : pathText(path));
      if (owner === undefined) return [];
      return [contradiction(path, `has the host ${host}, which ${owner} has already`, [['publicUrl'], ['sites']])];
    }),
  );
}

function addressOf({ group }: Listener): readonly Path[] {
  return [
    [group, 'port'],
    [group === 'service' ? 'listen' : group, 'host'],
  ];
}

function contradiction(path: Path, message: string, follows: readonly Path[]): Contradiction {
  return { path, what: 'value', message, follows: [path, ...follows] };
}
