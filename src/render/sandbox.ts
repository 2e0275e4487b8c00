export type SandboxMode = 'auto' | 'required' | 'off';

/** `tries`: how to start Chromium, in order; a start that fails leads to the next. Empty when it must not be started. */
export interface SandboxPlan {
  readonly tries: readonly boolean[];
  /** Why a start without sandbox is taken, or none at all. */
  readonly because: string;
}

/**
 * Chromium's sandbox is what stands between a broken renderer and this machine, so it is only given up where it cannot
 * work: for root, and where the kernel or the container forbids user namespaces, which only a try can tell for certain.
 */
export function sandboxPlan(mode: SandboxMode, uid: number | undefined): SandboxPlan {
  if (mode === 'off') return { tries: [false], because: 'render.sandbox is off' };
  const root = uid === 0;
  if (mode === 'required') return { tries: root ? [] : [true], because: root ? 'Chromium has none for root' : '' };
  if (root) return { tries: [false], because: 'Chromium has none for root' };
  return {
    tries: [true, false],
    because: 'Chromium does not start with it (user namespaces are probably forbidden here)',
  };
}
