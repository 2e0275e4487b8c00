import { isWildcard } from '../config/addresses.ts';
import type { Assignment } from '../config/layers.ts';
import type { Config } from '../config/schema.ts';

/** The bundled demo, being served. */
export interface Demo {
  readonly url: string;
  close(): Promise<void>;
}

const page = '/lanterns/paper-moon';

/** What makes the demo the application that is served. People reach it where Preface listens. */
export function demoSettings(url: string, { publicUrl, listen }: Config): readonly Assignment[] {
  const source = { from: 'derived', reason: 'the bundled demo, since no origin is set' } as const;
  const origin: Assignment = { path: ['origin'], value: url, source };
  if (publicUrl !== undefined || listen.port === 0) return [origin];
  const host = isWildcard(listen.host) ? 'localhost' : listen.host;
  return [
    origin,
    { path: ['publicUrl'], value: `http://${host.includes(':') ? `[${host}]` : host}:${listen.port}`, source },
  ];
}

/** Commands whose answers show what Preface does. */
export function linesToTry(trafficUrl: string, adminUrl: string): string {
  return `
This is the bundled demo shop. Open ${trafficUrl}/ in a browser, then compare:

  curl -s -A 'Mozilla/5.0' ${trafficUrl}${page} | head -n 20     # what a person gets: the application itself
  curl -s -A Twitterbot ${trafficUrl}${page} | head -n 20        # what a reader without JavaScript gets: the page
  curl -s -o /dev/null -D - -A Twitterbot ${trafficUrl}${page}   # once more: from the cache now

Health, metrics and API: ${adminUrl}
Your own application: npm start -- --origin http://127.0.0.1:3000
`;
}
