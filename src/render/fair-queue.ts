import type { RenderPriority } from './renderer.ts';

export interface Place {
  readonly priority: RenderPriority;
  readonly client: string;
}

const order: readonly RenderPriority[] = ['interactive', 'renew', 'warm'];

/**
 * A bounded queue. Higher classes go first; within a class the clients take turns, so that one that asks for a thousand
 * pages delays another's first by one page and not by a thousand.
 */
export interface FairQueue<T extends Place> {
  readonly size: number;
  /** Takes `item` in. When the queue is full somebody has to go: resolves to whom, which can be `item` itself. */
  add(item: T): T | undefined;
  /** The next one whose class is accepted. */
  take(accepts: (priority: RenderPriority) => boolean): T | undefined;
  remove(item: T): void;
}

export function createFairQueue<T extends Place>(capacity: number): FairQueue<T> {
  // A client's place in its class's turn is its place in the map.
  const classes = new Map<RenderPriority, Map<string, T[]>>(order.map((priority) => [priority, new Map()]));
  let size = 0;

  const clientsOf = (priority: RenderPriority) => classes.get(priority) as Map<string, T[]>;

  function remove(item: T): void {
    const clients = clientsOf(item.priority);
    const items = clients.get(item.client);
    const at = items?.indexOf(item) ?? -1;
    if (items === undefined || at < 0) return;
    items.splice(at, 1);
    size -= 1;
    if (items.length === 0) clients.delete(item.client);
  }

  function push(item: T): void {
    const clients = clientsOf(item.priority);
    const items = clients.get(item.client);
    if (items) items.push(item);
    else clients.set(item.client, [item]);
    size += 1;
  }

  /** Whose place a newcomer may have: the last of the lowest class below its own, else of a client that holds more of its own class. */
  function victimFor(item: T): T {
    for (const priority of order.toReversed()) {
      if (priority === item.priority) break;
      const last = longest(clientsOf(priority))?.at(-1);
      if (last) return last;
    }
    const clients = clientsOf(item.priority);
    const greediest = longest(clients);
    const own = clients.get(item.client)?.length ?? 0;
    return greediest !== undefined && greediest.length > own + 1 ? (greediest.at(-1) ?? item) : item;
  }

  return {
    get size() {
      return size;
    },
    add(item) {
      if (size < capacity) {
        push(item);
        return undefined;
      }
      const victim = victimFor(item);
      if (victim !== item) {
        remove(victim);
        push(item);
      }
      return victim;
    },
    take(accepts) {
      for (const priority of order) {
        if (!accepts(priority)) continue;
        const clients = clientsOf(priority);
        const [client, items] = clients.entries().next().value ?? [];
        const item = items?.shift();
        if (client === undefined || items === undefined || item === undefined) continue;
        size -= 1;
        clients.delete(client);
        if (items.length > 0) clients.set(client, items);
        return item;
      }
      return undefined;
    },
    remove,
  };
}

function longest<T>(clients: ReadonlyMap<string, T[]>): T[] | undefined {
  let found: T[] | undefined;
  for (const items of clients.values()) if (items.length > (found?.length ?? 0)) found = items;
  return found;
}
