import type { IncomingMessage, ServerResponse } from 'node:http';

export interface AdminRequest {
  readonly method: string;
  /** The request target as it came: what `PURGE` names its page by. */
  readonly target: string;
  readonly url: URL;
  /** What stands for `<id>` in the route's path. */
  readonly id: string;
  readonly headers: IncomingMessage['headers'];
  /** The body as JSON; undefined when there is none. */
  readonly body: unknown;
}

export interface AdminAnswer {
  readonly status: number;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string is sent as it is, anything else as JSON. */
  readonly body: unknown;
}

/** An answer that goes on: the route writes it itself. */
export interface AdminStream {
  readonly stream: (response: ServerResponse) => void;
}

export type AdminRoute = (request: AdminRequest) => AdminAnswer | AdminStream | Promise<AdminAnswer | AdminStream>;

/** A route by `METHOD path`, compared byte for byte before anything is decoded. `<id>` in a path stands for a UUID; `PURGE *` has all of its method. */
export type AdminRoutes = Readonly<Record<string, AdminRoute>>;

export interface FoundRoute {
  readonly name: string;
  readonly route: AdminRoute;
  readonly id: string;
}

export interface RouteTable {
  find(method: string, path: string): FoundRoute | undefined;
  /** The methods that a path has. */
  methodsFor(path: string): readonly string[];
  readonly names: readonly string[];
}

const uuid = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;

interface Shape {
  readonly method: string;
  /** What is before and after `<id>`; a path without one is all `before`. */
  readonly before: string;
  readonly after: string | undefined;
  readonly name: string;
  readonly route: AdminRoute;
}

export function createRouteTable(routes: AdminRoutes): RouteTable {
  const shapes = Object.entries(routes).map(([name, route]): Shape => {
    const [method = '', path = ''] = name.split(' ', 2);
    const [before = '', after] = path.split('<id>', 2);
    return { method, before, after, name, route };
  });
  return {
    names: Object.keys(routes),
    find(method, path) {
      for (const shape of shapes) {
        if (shape.method !== method) continue;
        const id = method === 'PURGE' ? '' : idIn(path, shape);
        if (id !== undefined) return { name: shape.name, route: shape.route, id };
      }
      return undefined;
    },
    methodsFor: (path) => shapes.filter((shape) => idIn(path, shape) !== undefined).map(({ method }) => method),
  };
}

/** The id that a path has where this route has one, empty where it has none; undefined when the path is another's. */
function idIn(path: string, { before, after }: Shape): string | undefined {
  if (after === undefined) return path === before ? '' : undefined;
  if (!path.startsWith(before) || !path.endsWith(after)) return undefined;
  const id = path.slice(before.length, path.length - after.length);
  return uuid.test(id) ? id : undefined;
}
