import type { ChromiumProcess } from '../../src/render/chromium-process.ts';

export interface FakeChromium extends ChromiumProcess {
  /** Its connection is lost. */
  die(): void;
  /** From now on it answers nothing. */
  hang(): void;
  readonly ended: boolean;
}

/** A Chromium without a browser: it lives, dies and hangs as the test says. */
export function createFakeChromium(name: string, startedAt: number): FakeChromium {
  const gone = new AbortController();
  let ended = false;
  let hangs = false;
  const fake: Omit<FakeChromium, 'browser' | 'session'> = {
    pid: 4711,
    profileDir: '/nowhere/profile',
    version: name,
    userAgent: name,
    sandbox: true,
    startedAt,
    frames: undefined,
    gone: gone.signal,
    get ended() {
      return ended;
    },
    ping: async () => {
      if (hangs) throw new Error('no answer');
    },
    usage: async () => ({ processes: 1, rssBytes: 1 }),
    end: async () => {
      ended = true;
      fake.die();
    },
    die: () => gone.abort(),
    hang() {
      hangs = true;
    },
  };
  return fake as FakeChromium;
}
