import { ConfigError } from '../errors.ts';

/** Where a Redis is, and of which kind. */
export interface RedisPlace {
  readonly kind: 'single' | 'sentinel' | 'cluster';
  /** The server; with `sentinel` the sentinels, with `cluster` some of the nodes. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  /** A Unix socket instead of the node. */
  readonly socket: string | undefined;
  /** The name by which the sentinels know the primary. */
  readonly primary: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  readonly tls: boolean;
}

const parameters = ['node', 'cluster', 'sentinel', 'socket'];

/**
 * - `redis://user:password@host:6379/0`, `rediss://…` for TLS, `redis://localhost?socket=/run/redis.sock`;
 * - `redis://host1?sentinel=mymaster&node=host2:26379&node=host3`;
 * - `redis://host1?cluster&node=host2:6380`.
 *
 * Throws `ConfigError` for anything else; the message never has the password.
 */
export function parseRedisUrl(text: string): RedisPlace {
  if (!URL.canParse(text)) throw wrong('is not a URL such as redis://localhost:6379');
  const url = new URL(text);
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') throw wrong('must begin with redis:// or rediss://');
  const query = url.searchParams;
  const unknown = [...query.keys()].find((name) => !parameters.includes(name));
  if (unknown !== undefined) {
    throw wrong(`has the parameter ${unknown}, which is not known; there are ${parameters.join(', ')}`);
  }
  const primary = query.get('sentinel') ?? undefined;
  const kind = query.has('cluster') ? 'cluster' : primary === undefined ? 'single' : 'sentinel';
  if (query.has('cluster') && query.has('sentinel')) throw wrong('has both cluster and sentinel');
  if (primary === '') throw wrong('needs the name of the primary: sentinel=mymaster');
  if (kind === 'single' && query.has('node')) throw wrong('has several nodes, but neither cluster nor sentinel');
  if (kind !== 'single' && query.has('socket')) throw wrong('has a socket as well as nodes');
  const usualPort = kind === 'sentinel' ? 26379 : 6379;
  const database = url.pathname.replace(/^\//, '');
  if (!/^\d*$/.test(database)) throw wrong(`has ${database} where the number of a database is expected`);
  if (kind === 'cluster' && Number(database) !== 0) throw wrong('has a database; a cluster has only number 0');
  return {
    kind,
    nodes: [nodeOf(url.host, usualPort), ...query.getAll('node').map((node) => nodeOf(node, usualPort))],
    socket: query.get('socket') ?? undefined,
    primary,
    username: decodeURIComponent(url.username) || undefined,
    password: decodeURIComponent(url.password) || undefined,
    database: Number(database),
    tls: url.protocol === 'rediss:',
  };
}

function nodeOf(text: string, usualPort: number): { host: string; port: number } {
  const [, host, port] = /^(\[[\da-f:.]+\]|[^\s:/@[\]]+)(?::(\d{1,5}))?$/i.exec(text) ?? [];
  if (host === undefined || Number(port ?? 1) > 65_535) throw wrong(`has the node ${text}, which is no host:port`);
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port ?? usualPort) };
}

const wrong = (what: string) => new ConfigError([`cache.redisUrl ${what}`]);
