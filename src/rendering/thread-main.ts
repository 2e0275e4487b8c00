import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/schema.ts';
import { messageOf } from '../errors.ts';
import type { PrefaceEvent } from '../events.ts';
import type { RenderEngineState } from '../render/render-engine.ts';
import { type Calls, createAnswerer, type Question } from './calls.ts';
import type { RenderingCalls, ThreadMessage } from './messages.ts';
import { revived } from './plain-data.ts';
import { buildRendering } from './rendering.ts';

// The rendering thread: what it is asked it has done by the rooms that it joins, and it tells what happens there.

/** What changes without a browser's start or end (memory, tabs) is told this late at most. */
const tellEveryMs = 1000;

const port = parentPort;
if (port === null) throw new Error('this file runs in a thread of its own');
const post = (message: ThreadMessage) => port.postMessage(message);

const { config, version } = revived(workerData) as { readonly config: Config; readonly version: string };
let state: (() => RenderEngineState) | undefined;
let told = '';
const rendering = await buildRendering(config, version, { clock: systemClock, report });
state = rendering.state;

const calls: RenderingCalls = {
  render: ({ target, variant }, signal) =>
    rendering.renderer.render({ target, variant, priority: 'interactive', client: '' }, signal),
  recheck: ({ input, site }, signal) => rendering.recheck(input, site, signal),
  warm: rendering.warm,
  forgetAssets: rendering.forgetAssets,
  keepFrom: async (ownPort) => rendering.keepFrom(ownPort),
  ping: async () => {},
  close: rendering.close,
};

const answer = createAnswerer(calls as Calls, (reply) => {
  // Before the answer, so that whoever has it sees the state that it led to.
  tellState();
  post(reply);
});
port.on('message', (question: Question) => answer(revived(question) as Question));
setInterval(tellState, tellEveryMs).unref();
tellState();
post({ kind: 'ready' });

function report(event: PrefaceEvent): void {
  post({ kind: 'event', event: event.type === 'error' ? { ...event, cause: cloneable(event.cause) } : event });
  // A page makes dozens of other events, and none of them says whether there is a browser.
  if (event.type.startsWith('browser.')) tellState();
}

/** Anything can be thrown, and not everything can be cloned. */
function cloneable(cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause === undefined ? undefined : messageOf(cause);
  return Object.assign(new Error(cause.message), { stack: cause.stack });
}

function tellState(): void {
  if (state === undefined) return;
  const now = state();
  const text = JSON.stringify(now);
  if (text === told) return;
  told = text;
  post({ kind: 'state', state: now });
}
