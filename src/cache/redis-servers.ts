import type { Cluster, Redis } from 'ioredis';

/** Some of the names that fit a pattern. */
export interface Scanned {
  readonly names: readonly string[];
  readonly cursor: string | undefined;
}

/** Those that hold the keys between them. */
export function serversOf(client: Redis | Cluster): readonly Redis[] {
  return client.isCluster ? (client as Cluster).nodes('master') : [client as Redis];
}

/** One server after the other: a cursor is the number of the server and the place in it. */
export async function scanPart(
  servers: readonly Redis[],
  cursor: string | undefined,
  pattern: string,
  count: number,
): Promise<Scanned> {
  const [, number = '0', place = '0'] = /^(\d{1,4})-(\d{1,20})$/.exec(cursor ?? '') ?? [];
  const server = servers[Number(number)];
  if (server === undefined) return { names: [], cursor: undefined };
  const [next, names] = await server.scan(place, 'MATCH', pattern, 'COUNT', count);
  if (next !== '0') return { names, cursor: `${number}-${next}` };
  const isLast = Number(number) + 1 >= servers.length;
  return { names, cursor: isLast ? undefined : `${Number(number) + 1}-0` };
}

export async function sizeOf(servers: readonly Redis[]): Promise<{ entries: number; bytes: number }> {
  const sizes = await Promise.all(
    servers.map(async (server) => {
      const [entries, memory] = await Promise.all([server.dbsize(), server.info('memory')]);
      return { entries, bytes: Number(/^used_memory:(\d+)/m.exec(memory)?.[1] ?? 0) };
    }),
  );
  return sizes.reduce((sum, { entries, bytes }) => ({ entries: sum.entries + entries, bytes: sum.bytes + bytes }), {
    entries: 0,
    bytes: 0,
  });
}
