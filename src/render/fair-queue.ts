import { isVerifiedClient, type RenderClient } from '../page/client.ts';
import { type RenderPriority, renderPriorities } from './renderer.ts';

export interface Place {
  readonly priority: RenderPriority;
  readonly client: RenderClient;
}

const order = renderPriorities;

/**
 * A bounded queue. Higher classes go first; within a class the clients take turns, so that one that asks for a thousand
 * pages delays another's first by one page and not by a thousand. A flood from a thousand networks is a thousand clients, though:
 * so verified readers have every second turn, and half of the places, as far as they need them.
 */
export interface FairQueue<T extends Place> {
  readonly size: number;
  /** Takes `item` in. When the queue is full somebody has to go: resolves to whom, which can be `item` itself. */
  add(item: T): T | undefined;
  /** Whether `add` would send away whoever comes with this: so that in a flood nothing has to be got ready for those who do not get in. */
  refuses(place: Place): boolean;
  /** The next one whose class is accepted. */
  take(accepts: (priority: RenderPriority) => boolean): T | undefined;
  remove(item: T): void;
}

/** Clients of one class that share their turns. A client's place in the turn is its place in the map. */
interface Lane<T> {
  readonly clients: Map<string, T[]>;
  size: number;
}

interface RenderClass<T> {
  readonly verified: Lane<T>;
  readonly others: Lane<T>;
  verifiedNext: boolean;
}

export function createFairQueue<T extends Place>(capacity: number): FairQueue<T> {
  const laneShare = Math.floor(capacity / 2);
  const classes = new Map<RenderPriority, RenderClass<T>>(
    order.map((priority) => [priority, { verified: newLane(), others: newLane(), verifiedNext: true }]),
  );

  const classOf = (priority: RenderPriority) => classes.get(priority) as RenderClass<T>;
  const lanes = () => [...classes.values()].flatMap(({ verified, others }) => [verified, others]);
  const totalSize = () => lanes().reduce((total, lane) => total + lane.size, 0);

  /** The item's own lane and the other one of its class. */
  function lanesOf({ priority, client }: Place): [own: Lane<T>, other: Lane<T>] {
    const { verified, others } = classOf(priority);
    return isVerifiedClient(client) ? [verified, others] : [others, verified];
  }

  function remove(item: T): void {
    const [lane] = lanesOf(item);
    const items = lane.clients.get(item.client);
    const at = items?.indexOf(item) ?? -1;
    if (items === undefined || at < 0) return;
    items.splice(at, 1);
    lane.size -= 1;
    if (items.length === 0) lane.clients.delete(item.client);
  }

  function push(item: T): void {
    const [lane] = lanesOf(item);
    const items = lane.clients.get(item.client);
    if (items) items.push(item);
    else lane.clients.set(item.client, [item]);
    lane.size += 1;
  }

  /**
   * Whose place a newcomer may have: the last of the lowest class below its own, else of the other lane as long as its own has less
   * than its share, else of a client that holds more of its own lane. Undefined when it is nobody's.
   */
  function victimFor(newcomer: Place): T | undefined {
    for (const priority of order.toReversed()) {
      if (priority === newcomer.priority) break;
      const { others, verified } = classOf(priority);
      const last = longest(others)?.at(-1) ?? longest(verified)?.at(-1);
      if (last) return last;
    }
    const [own, other] = lanesOf(newcomer);
    if (own.size < laneShare && other.size > 0) return longest(other)?.at(-1);
    const greediest = longest(own);
    const held = own.clients.get(newcomer.client)?.length ?? 0;
    return greediest !== undefined && greediest.length > held + 1 ? greediest.at(-1) : undefined;
  }

  return {
    get size() {
      return totalSize();
    },
    add(item) {
      if (totalSize() < capacity) {
        push(item);
        return undefined;
      }
      const victim = victimFor(item);
      if (victim === undefined) return item;
      remove(victim);
      push(item);
      return victim;
    },
    refuses: (place) => totalSize() >= capacity && victimFor(place) === undefined,
    take(accepts) {
      for (const priority of order) {
        if (!accepts(priority)) continue;
        const renderClass = classOf(priority);
        const { verified, others, verifiedNext } = renderClass;
        const item = verifiedNext ? (shift(verified) ?? shift(others)) : (shift(others) ?? shift(verified));
        if (item === undefined) continue;
        renderClass.verifiedNext = !isVerifiedClient(item.client);
        return item;
      }
      return undefined;
    },
    remove,
  };
}

function newLane<T>(): Lane<T> {
  return { clients: new Map(), size: 0 };
}

/** The first item of the client whose turn it is; the client's next one has its turn after everybody else's. */
function shift<T>(lane: Lane<T>): T | undefined {
  const [client, items] = lane.clients.entries().next().value ?? [];
  const item = items?.shift();
  if (client === undefined || items === undefined || item === undefined) return undefined;
  lane.size -= 1;
  lane.clients.delete(client);
  if (items.length > 0) lane.clients.set(client, items);
  return item;
}

/** What the greediest client has waiting; among equals, that of the one whose turn is the farthest off. */
function longest<T>(lane: Lane<T>): T[] | undefined {
  let found: T[] | undefined;
  for (const items of lane.clients.values()) if (items.length >= (found?.length ?? 0)) found = items;
  return found;
}
