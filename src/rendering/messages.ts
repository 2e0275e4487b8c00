import type { InputState } from '../egress/exit.ts';
import type { PrefaceEvent } from '../events.ts';
import type { PageTarget } from '../page/page-target.ts';
import type { Site } from '../page/site.ts';
import type { RenderInput, Snapshot } from '../page/snapshot.ts';
import type { Variant } from '../page/variant.ts';
import type { RenderEngineState } from '../render/render-engine.ts';
import type { Reply } from './calls.ts';

// What the rendering thread is asked, and what it tells by itself.

/** Arguments are plain data (plain-data.ts). */
export type RenderingCalls = {
  readonly render: (
    job: { readonly target: PageTarget; readonly variant: Variant | undefined },
    signal: AbortSignal,
  ) => Promise<Snapshot>;
  readonly recheck: (
    asked: { readonly input: RenderInput; readonly site: Site },
    signal: AbortSignal,
  ) => Promise<InputState>;
  readonly warm: (nothing: undefined) => Promise<void>;
  readonly forgetAssets: (nothing: undefined) => Promise<void>;
  readonly keepFrom: (port: number) => Promise<void>;
  /** Shows that the thread goes on. */
  readonly ping: (nothing: undefined) => Promise<void>;
  readonly close: (nothing: undefined) => Promise<void>;
};

export type ThreadMessage =
  | Reply
  /** It can be called from now on. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'state'; readonly state: RenderEngineState }
  | { readonly kind: 'event'; readonly event: PrefaceEvent };
