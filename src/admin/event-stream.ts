import type { ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import type { PrefaceEvent, Report } from '../events.ts';
import type { AdminStream } from './routes.ts';

export interface EventStream {
  /** Tells everybody who listens. Costs next to nothing when nobody does. */
  readonly report: Report;
  /** One more who listens from now on, or is told that there are too many. */
  open(): AdminStream;
}

const told = new Set<PrefaceEvent['type']>(['answer', 'render.done', 'render.failed', 'cache.purged', 'deploy']);

const maxListeners = 20;
/** Events are gathered for so long and sent together; what there is more of them than this is only counted. */
const gatherMs = 100;
const maxGathered = 128 * 1024;
/** What a listener may leave waiting. With more it is too slow, and has to come again. */
const maxUnsentBytes = 256 * 1024;
/** A line now and then shows proxies that the connection lives, and us when it does not. */
const beatMs = 15_000;

/** Answers, renders and purges as they happen: server-sent events (HTML standard, §9.2). */
export function createEventStream(clock: Clock): EventStream {
  const listeners = new Set<ServerResponse>();
  let gathered = '';
  let leftOut = 0;
  let isBeating = false;

  function send(text: string): void {
    for (const listener of listeners) {
      if (listener.writableLength > maxUnsentBytes) listener.destroy();
      else listener.write(text);
    }
  }

  function sendGathered(): void {
    send(leftOut === 0 ? gathered : gathered + eventText('left-out', { count: leftOut }));
    gathered = '';
    leftOut = 0;
  }

  function beat(): void {
    isBeating = true;
    clock.after(beatMs, () => {
      isBeating = listeners.size > 0;
      if (!isBeating) return;
      send(': still here\n\n');
      beat();
    });
  }

  function listen(response: ServerResponse): void {
    if (listeners.size >= maxListeners) {
      response.writeHead(503, { 'Content-Type': 'text/plain', 'Retry-After': '10' });
      return void response.end(`${maxListeners} are listening already\n`);
    }
    response.on('error', () => {});
    response.on('close', () => listeners.delete(response));
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      // nginx would hold the events back until there is a buffer full of them.
      'X-Accel-Buffering': 'no',
    });
    if (response.req.method === 'HEAD') return void response.end();
    response.write('retry: 3000\n\n');
    listeners.add(response);
    if (!isBeating) beat();
  }

  return {
    report(event) {
      if (listeners.size === 0 || !told.has(event.type)) return;
      if (gathered.length >= maxGathered) {
        leftOut += 1;
        return;
      }
      if (gathered === '') clock.after(gatherMs, sendGathered);
      const { type, ...fields } = event;
      gathered += eventText(type, { at: new Date(clock.now()).toISOString(), ...fields });
    },
    open: () => ({ stream: listen }),
  };
}

/** JSON has line breaks in strings only, and writes them as `\n`: the data is one line. */
const eventText = (type: string, data: object): string => `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
