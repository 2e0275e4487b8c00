import { egressSettings, renderEngineSettings } from './app-render-settings.ts';
import { systemClock } from './clock.ts';
import type { Config } from './config/schema.ts';
import { siteConfigs } from './config/sites.ts';
import { createEgress } from './egress/egress.ts';
import { RenderError } from './errors.ts';
import type { Report } from './events.ts';
import { pageTarget } from './page/page-key.ts';
import type { Device } from './page/page-target.ts';
import type { Snapshot } from './page/snapshot.ts';
import type { Variant } from './page/variant.ts';
import { createRenderEngine, type RenderEngine } from './render/render-engine.ts';
import type { RenderJob } from './render/renderer.ts';

export interface OneOffRenderer {
  render(url: string, device: Device, variant?: Variant): Promise<Snapshot>;
  /** Whether the Chromium that rendered last has its sandbox; undefined while there is none. */
  sandbox(): boolean | undefined;
  close(): Promise<void>;
}

/** Renders single pages outside of a running proxy: for the command line. */
export async function buildRenderer(
  config: Config,
  { version = '0', clock = systemClock } = {},
): Promise<OneOffRenderer> {
  const report: Report = () => {};
  const egress = await createEgress(egressSettings(config, { ownPorts: () => [], clock, report }));
  let engine: RenderEngine | undefined;
  return {
    async render(url, device, variant) {
      const site = siteConfigs(config).find((known) => url.startsWith(`${known.site.publicUrl.origin}/`))?.site;
      const { pathname, search, origin } = new URL(url);
      const target = site && pageTarget(site, pathname + search, device, () => true);
      if (target === undefined) throw new RenderError('navigation', `${origin} is none of the configured sites`);
      const settings = renderEngineSettings({ ...config, render: { ...config.render, tabs: 1 } }, version);
      await engine?.close();
      // No people are served beside it.
      engine = createRenderEngine({ ...settings, niceness: 0 }, { egress, clock, report });
      const job: RenderJob = { target, priority: 'interactive', client: '', variant };
      return engine.renderer.render(job, new AbortController().signal);
    },
    sandbox: () => engine?.state().sandbox,
    async close() {
      await engine?.close();
      await egress.close();
    },
  };
}
