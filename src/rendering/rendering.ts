import { egressSettings, renderEngineSettings } from '../app-render-settings.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/schema.ts';
import { createEgress } from '../egress/egress.ts';
import type { Egress } from '../egress/exit.ts';
import type { Report } from '../events.ts';
import { createRenderEngine, type RenderEngine } from '../render/render-engine.ts';

/** What makes pages: an engine together with the way out that its browser has. */
export interface Rendering extends Pick<RenderEngine, 'renderer' | 'warm' | 'state'> {
  readonly recheck: Egress['recheck'];
  /** Forgets what Preface and Chromium keep of the origins' files. */
  forgetAssets(): Promise<void>;
  /** Pages do not get to this port, since it is one of our own. */
  keepFrom(port: number): void;
  close(): Promise<void>;
}

export interface RenderingParts {
  readonly clock: Clock;
  readonly report: Report;
}

/** Joins the engine and its way out, in the thread that calls. Rejects when a host pattern or a network in the configuration cannot be understood. */
export async function buildRendering(
  config: Config,
  version: string,
  { clock, report }: RenderingParts,
): Promise<Rendering> {
  const ownPorts: number[] = [];
  const egress = await createEgress(egressSettings(config, { ownPorts: () => ownPorts, clock, report }));
  const engine = createRenderEngine(renderEngineSettings(config, version), { egress, clock, report });
  return {
    renderer: engine.renderer,
    warm: engine.warm,
    state: engine.state,
    recheck: egress.recheck,
    async forgetAssets() {
      egress.forgetAssets();
      await engine.forgetCaches();
    },
    keepFrom: (port) => void ownPorts.push(port),
    async close() {
      await engine.close();
      await egress.close();
    },
  };
}
