import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { type LifeParts, lifeOf } from '../../src/cli/life.ts';

function started(changes: Partial<LifeParts> = {}) {
  const process = new EventEmitter();
  const exits: number[] = [];
  const errors: string[] = [];
  const drained = Promise.withResolvers<void>();
  const ended = lifeOf({
    process,
    exit: (code) => void exits.push(code),
    drain: () => drained.promise,
    drainLimitMs: 60_000,
    reload: async () => {},
    tellError: (message) => void errors.push(message),
    sameSignalMs: 0,
    ...changes,
  });
  return { process, exits, errors, drained, ended };
}

describe('the life of the process', () => {
  it.each(['SIGTERM', 'SIGINT'])('ends with 0 once it has drained after %s', async (signal) => {
    const { process, ended, drained, exits } = started();
    process.emit(signal);
    drained.resolve();
    expect(await ended).toBe(0);
    expect(exits).toEqual([]);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ])('ends at once with a second signal: %s gives %i', (signal, code) => {
    const { process, exits } = started();
    process.emit('SIGTERM');
    process.emit(signal);
    expect(exits).toEqual([code]);
  });

  it('takes the SIGINT that npm passes on for the one that the terminal sent', async () => {
    const { process, exits, drained, ended } = started({ sameSignalMs: 10_000 });
    process.emit('SIGINT');
    process.emit('SIGINT');
    drained.resolve();
    expect(await ended).toBe(0);
    expect(exits).toEqual([]);
  });

  it('logs an uncaught error, drains and ends with 1', async () => {
    const { process, errors, drained, ended } = started();
    process.emit('uncaughtException', new Error('no such thing'));
    drained.resolve();
    expect(await ended).toBe(1);
    expect(errors).toEqual(['uncaught: no such thing']);
  });

  it('goes on draining when an error comes in between', async () => {
    const { process, errors, drained, ended } = started();
    process.emit('SIGTERM');
    process.emit('uncaughtException', new Error('late'));
    drained.resolve();
    expect(await ended).toBe(0);
    expect(errors).toHaveLength(1);
  });

  it('ends with 1 when it cannot close in good order', async () => {
    const { process, drained, ended } = started();
    process.emit('SIGTERM');
    drained.reject(new Error('stuck'));
    expect(await ended).toBe(1);
  });

  it('reloads on SIGHUP, and a failed reload ends nothing', async () => {
    let reloads = 0;
    const reload = async () => {
      reloads += 1;
      throw new Error('no');
    };
    const { process, errors, exits } = started({ reload });
    process.emit('SIGHUP');
    process.emit('SIGHUP');
    await Promise.resolve();
    expect(reloads).toBe(2);
    expect(errors).toEqual(['could not reload: no', 'could not reload: no']);
    expect(exits).toEqual([]);
  });
});
