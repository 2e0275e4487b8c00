// What a cache in front of an application has to answer, said as simply as it can be: one table of pages, one clock, no tiers, no promises. It shares no
// code with what it judges.

export const lengths = {
  fresh: 60_000,
  negativeFresh: 10_000,
  staleWhileRevalidate: 120_000,
  staleIfError: 600_000,
  maxRevalidations: 3,
  renderAtLeastEvery: 1_000_000,
} as const;

export const paths = ['/a/0', '/a/1', '/a/2', '/b/3', '/b/4', '/b/5'] as const;
export type Path = (typeof paths)[number];
export const tags = ['even', 'odd'] as const;
export type Tag = (typeof tags)[number];

/** How a render of a page ends now: well, as 404, as 500, without one of its parts, with `Cache-Control: no-store`, or not at all. */
export type Condition = 'good' | 'gone' | 'error' | 'incomplete' | 'private' | 'failing';

/** The application: a page shows the value of its shell, of two data sources, and its own condition. */
export class World {
  shell = 1;
  /** A stamp is a part of a source that no page shows. */
  readonly sources = Array.from({ length: 4 }, () => ({ value: 1, stamp: 1 }));
  readonly conditions = new Map<Path, Condition>(paths.map((path) => [path, 'good']));

  conditionOf(path: Path): Condition {
    return this.conditions.get(path) ?? 'good';
  }

  /** What it is made from, by name: a page is unchanged when none of these is. */
  inputsOf(path: Path): Record<string, string> {
    const sources = sourcesOf(path).map((n) => [`source ${n}`, JSON.stringify(this.sources[n])] as const);
    return { shell: String(this.shell), condition: this.conditionOf(path), ...Object.fromEntries(sources) };
  }

  textOf(path: Path): string {
    const values = sourcesOf(path).map((n) => `source ${n} = ${this.sources[n]?.value}`);
    return `${path} (${this.conditionOf(path)}), shell ${this.shell}, ${values.join(', ')}`;
  }
}

const indexOf = (path: Path) => paths.indexOf(path);
/** Each page has a source with one other page in common, and one with all. */
export const sourcesOf = (path: Path): readonly number[] => [indexOf(path) % 3, 3];
export const tagOf = (path: Path): Tag => (indexOf(path) % 2 === 0 ? 'even' : 'odd');

export interface Purge {
  readonly mode: 'soft' | 'hard';
  readonly by: 'url' | 'prefix' | 'tag' | 'everything';
  readonly path: Path;
}

function isMeant(path: Path, { by, path: named }: Purge): boolean {
  if (by === 'everything') return true;
  if (by === 'url') return path === named;
  return by === 'tag' ? tagOf(path) === tagOf(named) : path.slice(0, 3) === named.slice(0, 3);
}

interface Held {
  text: string;
  inputs: Record<string, string>;
  shell: number;
  renderedAt: number;
  freshUntil: number;
  staleUntil: number;
  usableUntil: number;
  freshFor: number;
  purged: boolean;
  renewals: number;
  /** How often in a row a changed input led to the same page. */
  misses: number;
}

export type Answer =
  | { readonly from: 'hit' | 'stale' | 'revalidated' | 'render'; readonly text: string }
  | { readonly from: 'failed' };

interface Replica {
  /** When pages that failed may be tried again, and how long they rested last. */
  readonly rests: Map<Path, { until: number; length: number }>;
  readonly shells: Map<number, Set<Path>>;
}

const newReplica = (): Replica => ({ rests: new Map(), shells: new Map() });

export class Oracle {
  now: number;
  renders = 0;
  readonly world = new World();
  readonly #keepsPages: boolean;
  readonly #held = new Map<Path, Held>();
  readonly #replicas: Replica[];

  constructor(now: number, replicas: number, keepsPages: boolean) {
    this.now = now;
    this.#keepsPages = keepsPages;
    this.#replicas = Array.from({ length: replicas }, newReplica);
  }

  /** Whether asking for the page makes it be rendered or renewed. */
  causesWork(replica: number, path: Path): boolean {
    const held = this.#usable(path);
    return (held === undefined || this.now >= held.freshUntil) && !this.#isResting(replica, path);
  }

  /** A reader asks. A purge that comes while the page is being made is `during`; what was begun before it must not be kept. */
  ask(replica: number, path: Path, during?: Purge): Answer {
    const held = this.#usable(path);
    if (held !== undefined && this.now < held.freshUntil) return this.#then(during, { from: 'hit', text: held.text });
    const old: Answer = held === undefined ? { from: 'failed' } : { from: 'stale', text: held.text };
    if (this.#isResting(replica, path)) return this.#then(during, old);
    const isAnsweredAtOnce = held !== undefined && this.now < held.staleUntil;
    const made = this.#renew(replica, path, held, during);
    if (isAnsweredAtOnce || (held !== undefined && made.isBad)) return old;
    return made.answer;
  }

  purge(purge: Purge): void {
    for (const [path, held] of this.#held) {
      if (!isMeant(path, purge)) continue;
      if (purge.mode === 'hard') this.#held.delete(path);
      else spoil(held);
    }
  }

  /** A replica forgets what it alone knew. */
  restart(replica: number): void {
    this.#replicas[replica] = newReplica();
    if (!this.#keepsPages) this.#held.clear();
  }

  #then(during: Purge | undefined, answer: Answer): Answer {
    if (during !== undefined) this.purge(during);
    return answer;
  }

  #usable(path: Path): Held | undefined {
    const held = this.#held.get(path);
    return held !== undefined && this.now < held.usableUntil ? held : undefined;
  }

  #isResting(replica: number, path: Path): boolean {
    return this.now < (this.#replicas[replica]?.rests.get(path)?.until ?? 0);
  }

  #renew(replica: number, path: Path, held: Held | undefined, during?: Purge): { answer: Answer; isBad: boolean } {
    const { rests } = this.#replicas[replica] ?? newReplica();
    const inputs = this.world.inputsOf(path);
    const isAsked = held !== undefined && mayAsk(held, this.now);
    const isChanged = held !== undefined && JSON.stringify(held.inputs) !== JSON.stringify(inputs);
    if (during !== undefined) this.purge(during);
    const isKept = during === undefined || !isMeant(path, during);

    if (held !== undefined && isAsked && !isChanged) {
      rests.delete(path);
      if (isKept) {
        Object.assign(held, timesFrom(this.now, held.freshFor), { renewals: held.renewals + 1, misses: 0 });
      }
      return { answer: { from: 'revalidated', text: held.text }, isBad: false };
    }

    this.renders += 1;
    const condition = this.world.conditionOf(path);
    const answer: Answer =
      condition === 'failing' ? { from: 'failed' } : { from: 'render', text: this.world.textOf(path) };
    if (condition === 'failing' || condition === 'error' || condition === 'incomplete') {
      const length = Math.min((rests.get(path)?.length ?? 5_000) * 2, 300_000);
      rests.set(path, { length, until: this.now + length });
      return { answer, isBad: true };
    }
    rests.delete(path);
    this.#noticeDeploy(replica, path, held);
    if (condition === 'private') this.#held.delete(path);
    else if (isKept) {
      const text = this.world.textOf(path);
      const isSame = held?.text === text;
      const misses = held !== undefined && isSame ? held.misses + (isAsked ? 1 : 0) : 0;
      const freshFor = condition === 'gone' ? lengths.negativeFresh : lengths.fresh;
      this.#held.set(path, {
        text,
        inputs,
        shell: this.world.shell,
        renderedAt: this.now,
        ...timesFrom(this.now, freshFor),
        freshFor,
        purged: false,
        renewals: 0,
        misses: isAsked || misses >= 3 ? misses : 0,
      });
    }
    return { answer, isBad: false };
  }

  /** Another shell at the URL of an old one that two URLs had: all that is made from the old one is stale. */
  #noticeDeploy(replica: number, path: Path, held: Held | undefined): void {
    const { shells } = this.#replicas[replica] ?? newReplica();
    for (const shell of [held?.shell, this.world.shell]) {
      if (shell !== undefined) shells.set(shell, (shells.get(shell) ?? new Set()).add(path));
    }
    if (held === undefined || held.shell === this.world.shell || (shells.get(held.shell)?.size ?? 0) < 2) return;
    for (const one of this.#held.values()) if (one.shell === held.shell) spoil(one);
  }
}

function spoil(held: Held): void {
  held.freshUntil = 0;
  held.purged = true;
}

/** Whether a stale page may be renewed by asking what it was made from. */
function mayAsk(held: Held, now: number): boolean {
  return (
    !held.purged &&
    held.renewals < lengths.maxRevalidations &&
    now - held.renderedAt < lengths.renderAtLeastEvery &&
    held.misses < 3
  );
}

function timesFrom(now: number, freshFor: number) {
  const freshUntil = now + freshFor;
  return {
    freshUntil,
    staleUntil: freshUntil + lengths.staleWhileRevalidate,
    usableUntil: freshUntil + lengths.staleIfError,
  };
}
