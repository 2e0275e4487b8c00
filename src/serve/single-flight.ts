import { RenderError } from '../errors.ts';

/** Shared work by key: whoever asks while it is under way gets the same result. */
export interface SingleFlight<T> {
  /**
   * Starts `work` unless it is under way for `key`. Each caller leaves on its own signal (its promise rejects with code
   * `aborted`); the signal given to `work` is aborted when the last one has left.
   */
  join(
    key: string,
    signal: AbortSignal,
    work: (whileWanted: AbortSignal) => Promise<T>,
  ): { result: Promise<T>; joined: boolean };
  readonly size: number;
}

interface Flight<T> {
  readonly result: Promise<T>;
  readonly wanted: AbortController;
  waiting: number;
}

export function createSingleFlight<T>(): SingleFlight<T> {
  const flights = new Map<string, Flight<T>>();

  function start(key: string, work: (whileWanted: AbortSignal) => Promise<T>): Flight<T> {
    const wanted = new AbortController();
    const result = work(wanted.signal);
    const flight: Flight<T> = { result, wanted, waiting: 0 };
    const land = () => {
      if (flights.get(key) === flight) flights.delete(key);
    };
    result.then(land, land);
    flights.set(key, flight);
    return flight;
  }

  function leave(key: string, flight: Flight<T>): void {
    flight.waiting -= 1;
    if (flight.waiting > 0) return;
    // Nobody may join work that is being given up.
    if (flights.get(key) === flight) flights.delete(key);
    flight.wanted.abort();
  }

  return {
    join(key, signal, work) {
      const underWay = flights.get(key);
      const flight = underWay ?? start(key, work);
      flight.waiting += 1;
      const result = untilAborted(flight.result, signal, () => leave(key, flight));
      return { result, joined: underWay !== undefined };
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
