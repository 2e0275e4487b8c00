import type { Snapshot } from '../../src/page/snapshot.ts';
import type { Renderer, RenderJob } from '../../src/render/renderer.ts';

export interface Started {
  readonly job: RenderJob;
  readonly signal: AbortSignal;
  readonly finish: (snapshot: Snapshot) => void;
  readonly fail: (cause: unknown) => void;
}

/** A renderer whose renders end when the test says so; `started` has them in the order of their beginning. */
export function createFakeRenderer(): Renderer & { readonly started: Started[] } {
  const started: Started[] = [];
  return {
    started,
    render: (job, signal) =>
      new Promise((finish, fail) => {
        started.push({ job, signal, finish, fail });
      }),
  };
}
