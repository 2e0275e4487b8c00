import { parentPort } from 'node:worker_threads';
import { RenderError } from '../../src/errors.ts';
import { type Calls, createAnswerer, type Question } from '../../src/rendering/calls.ts';
import { revived } from '../../src/rendering/plain-data.ts';

// A thread that renders without a browser: what it is to do stands in the path.

const ports: number[] = [];
let diesWhenWarmed = false;

const calls = {
  async render({ target }: { readonly target: { readonly url: URL | string } }) {
    const { pathname } = new URL(target.url);
    // Nobody wakes it.
    if (pathname === '/hang') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    if (pathname === '/throw') setImmediate(() => thrown());
    if (pathname === '/die-when-warmed') diesWhenWarmed = true;
    if (pathname === '/fail') throw new RenderError('empty', 'nothing on it');
    if (pathname === '/throw') return new Promise(() => {});
    return { html: pathname === '/ports' ? ports.join() : pathname };
  },
  async warm() {
    if (diesWhenWarmed) setImmediate(() => thrown());
    if (diesWhenWarmed) return new Promise<void>(() => {});
    parentPort?.postMessage({ kind: 'event', event: { type: 'warning', message: 'it is warm' } });
  },
  async keepFrom(port: number) {
    ports.push(port);
  },
  recheck: async () => 'unchanged',
  ping: async () => {},
  close: async () => {},
} satisfies Calls;

const answer = createAnswerer(calls, (reply) => parentPort?.postMessage(reply));
parentPort?.on('message', (question: Question) => answer(revived(question) as Question));
parentPort?.postMessage({ kind: 'ready' });

function thrown(): never {
  throw new Error('what nobody catches');
}
