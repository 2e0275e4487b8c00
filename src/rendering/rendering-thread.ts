import { extname } from 'node:path';
import type { Config } from '../config/schema.ts';
import { messageOf, RenderError } from '../errors.ts';
import { endProcessGroup, sendToGroup } from '../render/process-group.ts';
import { removeProfileDir } from '../render/profile-dir.ts';
import type { ChromiumRemains, RenderEngineState } from '../render/render-engine.ts';
import type { Rendering, RenderingParts } from './rendering.ts';
import { openThread, type Thread } from './thread.ts';

const threadEntry = new URL(`./thread-entry${extname(import.meta.filename)}`, import.meta.url);

/** How often the thread is asked whether it goes on, and how long it may take to say so: a page can be large, and the processors taken. */
const pingEveryMs = 5_000;
const pingLimitMs = 15_000;
/** A thread that lived for less than this is not started again at once. */
const shortLifeMs = 60_000;
const restartMs = 2_000;
/** Less than what the process gives all of its parts to end. */
const closeMs = 4_000;
const forgetMs = 2_000;

const absent: RenderEngineState = {
  chromium: undefined,
  version: undefined,
  sandbox: undefined,
  processes: 0,
  rssBytes: 0,
  tabs: 0,
  notReady: ['no rendering thread'],
};

/**
 * Rendering in a thread of its own, with a heap of its own: neither the work that it makes nor the collection of its garbage holds up people's
 * requests, and what breaks it does not break them. It is watched, and started again when it has ended or hangs. Rejects when it does
 * not start the first time, with the reason.
 */
export async function startRenderingThread(
  config: Config,
  version: string,
  { clock, report }: RenderingParts,
  file = threadEntry,
): Promise<Rendering> {
  const ownPorts: number[] = [];
  let isWarm = false;
  let isClosed = false;
  let thread: Thread | undefined;
  /** What threads that have ended left behind. */
  const remains = new Set<ChromiumRemains>();
  let clearing: Promise<unknown> = Promise.resolve();
  await open();
  process.on('exit', leaveNothing);

  async function open(): Promise<Thread> {
    const startedAt = clock.now();
    const opened = await openThread(file, { config, version }, { clock, report });
    // Before its end can be heard of.
    thread = opened;
    for (const port of ownPorts) opened.tell('keepFrom', port);
    // What goes wrong is told by the thread, or is its end.
    if (isWarm) opened.tell('warm', undefined);
    void opened.ended.then((reason) => lost(opened, reason, clock.now() - startedAt));
    watch(opened);
    return opened;
  }

  function lost(ended: Thread, reason: string, livedMs: number): void {
    if (isClosed || thread !== ended) return;
    thread = undefined;
    report({ type: 'error', message: `the rendering thread has ended and is started again: ${reason}` });
    clearing = Promise.all([clearing, clearAway(ended)]);
    startAgain(livedMs < shortLifeMs ? restartMs : 0);
  }

  /** Its Chromium ends with the pipe that the thread held, unless it hangs; nobody needs its manners any more. */
  async function clearAway(ended: Thread): Promise<void> {
    const chromium = ended.state()?.chromium;
    if (chromium === undefined) return;
    report({ type: 'browser.stopped', reason: 'thread' });
    remains.add(chromium);
    sendToGroup(chromium.pid, 'SIGKILL');
    await endProcessGroup(chromium.pid, clock).catch(() => {});
    await removeProfileDir(chromium.profileDir).catch(() => {});
    remains.delete(chromium);
  }

  /** When the process ends before it has closed, by force, nobody else would end a Chromium that hangs. */
  function leaveNothing(): void {
    for (const { pid } of remains) sendToGroup(pid, 'SIGKILL');
    sendToGroup(thread?.state()?.chromium?.pid, 'SIGKILL');
  }

  function startAgain(afterMs: number): void {
    clock.after(afterMs, async () => {
      if (isClosed) return;
      try {
        const opened = await open();
        if (isClosed) await opened.end('shutting down');
      } catch (cause) {
        if (isClosed) return;
        report({ type: 'error', message: messageOf(cause) });
        startAgain(restartMs);
      }
    });
  }

  /** A thread can be busy without end. It may be this one that was late: then the answer is there already. */
  function watch(watched: Thread): void {
    clock.after(pingEveryMs, async () => {
      if (isClosed || thread !== watched) return;
      const answered = watched.call('ping', undefined).then(
        () => true,
        () => true,
      );
      const inTime = (ms: number) => Promise.race([answered, clock.sleep(ms).then(() => false)]);
      if ((await inTime(pingLimitMs)) || (await inTime(pingLimitMs / 10))) watch(watched);
      else await watched.end('it did not answer any more');
    });
  }

  async function closeThread(last: Thread): Promise<void> {
    const isDone = await Promise.race([
      last.call('close', undefined).then(
        () => true,
        () => false,
      ),
      clock.sleep(closeMs).then(() => false),
    ]);
    if (!isDone) await clearAway(last);
    await last.end('shutting down');
  }

  function current(): Thread {
    if (thread === undefined) throw new RenderError('no-browser', 'the rendering thread is about to be started again');
    return thread;
  }

  return {
    renderer: {
      render: async ({ target, variant }, signal) => current().call('render', { target, variant }, signal),
    },
    async warm() {
      isWarm = true;
      await current().call('warm', undefined);
    },
    state: () => thread?.state() ?? absent,
    async recheck(input, site, signal) {
      try {
        return await current().call('recheck', { input, site }, signal);
      } catch {
        return 'unknown';
      }
    },
    async forgetAssets() {
      // A thread that is gone has taken them with it, and one that hangs has yet to.
      await Promise.race([thread?.call('forgetAssets', undefined).catch(() => {}), clock.sleep(forgetMs)]);
    },
    keepFrom(port) {
      ownPorts.push(port);
      thread?.tell('keepFrom', port);
    },
    async close() {
      isClosed = true;
      await Promise.all([thread && closeThread(thread), clearing]);
      process.off('exit', leaveNothing);
    },
  };
}
