import type { Clock } from '../clock.ts';
import { messageOf, RenderError } from '../errors.ts';
import type { PageTarget } from '../page/page-target.ts';
import type { Snapshot } from '../page/snapshot.ts';
import type { Renderer, RenderJob } from './renderer.ts';
import type { Tabs } from './tabs.ts';
import { type VisitSettings, visit } from './visit.ts';

export interface TabRendererSettings extends Omit<VisitSettings, 'variant'> {
  /** For the whole render, a second try included. */
  readonly timeoutMs: number;
  /** What is otherwise for one page: its site or its path may have settings of its own. */
  readonly settingsFor?: (target: PageTarget) => Partial<Omit<TabRendererSettings, 'settingsFor'>>;
}

export interface TabRendererParts {
  readonly tabs: Tabs;
  readonly clock: Clock;
}

/** Below this there is no point in a second try. */
const minTryMs = 500;

/** The `Renderer` that has tabs. Every wait in it ends with the render's limit, whatever Chromium does. */
export function createTabRenderer(settings: TabRendererSettings, { tabs, clock }: TabRendererParts): Renderer {
  const settingsOf = ({ target }: RenderJob) => ({ ...settings, ...settings.settingsFor?.(target) });

  async function render(job: RenderJob, caller: AbortSignal): Promise<Snapshot> {
    const { timeoutMs } = settingsOf(job);
    const limit = createLimit(timeoutMs, job.target.url, caller, clock);
    try {
      return await once(job, limit).catch((cause: unknown) => {
        const again = asRenderError(cause, limit).code === 'crash' && limit.leftMs() > minTryMs;
        // Not the page's fault but ours: another tab may do.
        if (again) return once(job, limit);
        throw cause;
      });
    } catch (cause) {
      throw asRenderError(cause, limit);
    } finally {
      limit.lift();
    }
  }

  async function once(job: RenderJob, limit: Limit): Promise<Snapshot> {
    const { variant } = job;
    const { device, site } = job.target;
    const lease = await tabs.lease({ device, site: site.publicUrl.host }, limit.signal);
    const { tab } = lease;
    // What the application gives to another user agent stays in the tab's caches.
    let anomaly = variant?.userAgent === undefined ? undefined : 'another user agent';
    let unfinished: string | undefined;
    const ends = {
      signal: AbortSignal.any([limit.signal, tab.dead]),
      leftMs: limit.leftMs,
      unfinished(step: string) {
        unfinished = `unfinished ${step}`;
      },
    };
    try {
      return await visit(tab, job.target, { ...settingsOf(job), variant }, ends, clock);
    } catch (cause) {
      anomaly ??= anomalyOf(asRenderError(cause, limit)) ?? unfinished;
      throw cause;
    } finally {
      lease.release(anomaly);
    }
  }

  return { render };
}

/** The time that one render has. Its signal is aborted with a `RenderError` when the time is over or nobody waits any more. */
interface Limit {
  readonly signal: AbortSignal;
  leftMs(): number;
  lift(): void;
}

function createLimit(timeoutMs: number, url: string, caller: AbortSignal, clock: Clock): Limit {
  const over = new AbortController();
  const endsAt = clock.now() + timeoutMs;
  const cancel = clock.after(timeoutMs, () =>
    over.abort(new RenderError('timeout', `not finished within ${timeoutMs} ms: ${url}`)),
  );
  const leave = () => over.abort(new RenderError('aborted', 'nobody waits for the page any more'));
  if (caller.aborted) leave();
  caller.addEventListener('abort', leave, { once: true });
  return {
    signal: over.signal,
    leftMs: () => endsAt - clock.now(),
    lift() {
      cancel();
      caller.removeEventListener('abort', leave);
    },
  };
}

/** What is neither ours nor expected came from the protocol: the tab is not what it was. */
function asRenderError(cause: unknown, limit: Limit): RenderError {
  if (limit.signal.aborted && limit.signal.reason instanceof RenderError) return limit.signal.reason;
  return cause instanceof RenderError ? cause : new RenderError('crash', messageOf(cause), { cause });
}

/** After a failure of the page the tab is as good as before; after these nobody knows. */
function anomalyOf({ code }: RenderError): string | undefined {
  return code === 'timeout' || code === 'crash' ? code : undefined;
}
