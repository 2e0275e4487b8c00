import { RenderError } from '../errors.ts';

/** Shared work by key: whoever asks while it is under way gets the same result. */
export interface SingleFlight<T, J> {
  /**
   * Starts `work` on `job` unless work is under way for `key`. Each caller leaves on its own signal (its promise rejects with
   * code `aborted`); the signal given to `work` is aborted when the last one has left. `joined`: the job under way, if it is
   * another caller's. One that `mayJoin` refuses goes on for those who wait for it already, and the new one takes its place.
   */
  join(
    key: string,
    job: J,
    signal: AbortSignal,
    work: (whileWanted: AbortSignal) => Promise<T>,
    mayJoin?: (job: J) => boolean,
  ): { result: Promise<T>; joined: J | undefined };
  readonly size: number;
}

interface Flight<T, J> {
  readonly job: J;
  readonly result: Promise<T>;
  readonly wanted: AbortController;
  waiting: number;
}

export function createSingleFlight<T, J>(): SingleFlight<T, J> {
  const flights = new Map<string, Flight<T, J>>();

  function start(key: string, job: J, work: (whileWanted: AbortSignal) => Promise<T>): Flight<T, J> {
    const wanted = new AbortController();
    const result = work(wanted.signal);
    const flight: Flight<T, J> = { job, result, wanted, waiting: 0 };
    const land = () => {
      if (flights.get(key) === flight) flights.delete(key);
    };
    result.then(land, land);
    flights.set(key, flight);
    return flight;
  }

  function leave(key: string, flight: Flight<T, J>): void {
    flight.waiting -= 1;
    if (flight.waiting > 0) return;
    // Nobody may join work that is being given up.
    if (flights.get(key) === flight) flights.delete(key);
    flight.wanted.abort();
  }

  return {
    join(key, job, signal, work, mayJoin = () => true) {
      const known = flights.get(key);
      const underWay = known !== undefined && mayJoin(known.job) ? known : undefined;
      const flight = underWay ?? start(key, job, work);
      flight.waiting += 1;
      const result = untilAborted(flight.result, signal, () => leave(key, flight));
      return { result, joined: underWay?.job };
    },
    get size() {
      return flights.size;
    },
  };
}

function untilAborted<T>(result: Promise<T>, signal: AbortSignal, onLeave: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const gone = () => {
      onLeave();
      reject(new RenderError('aborted', 'nobody waits for this page any more'));
    };
    if (signal.aborted) return gone();
    signal.addEventListener('abort', gone, { once: true });
    const stay = () => signal.removeEventListener('abort', gone);
    result.then(
      (value) => {
        stay();
        resolve(value);
      },
      (cause) => {
        stay();
        reject(cause);
      },
    );
  });
}
