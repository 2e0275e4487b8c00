import { messageOf, RenderError } from '../errors.ts';
import type { Report } from '../events.ts';
import type { Renderer } from '../render/renderer.ts';

/** A `Renderer` before a `Renderer`: tells of each render how it ended, but of those that nobody waited for. */
export function toldRenderer(renderer: Renderer, report: Report): Renderer {
  return {
    async render(job, signal) {
      const { url } = job.target;
      try {
        const snapshot = await renderer.render(job, signal);
        report({ type: 'render.done', url, report: snapshot.report });
        return snapshot;
      } catch (cause) {
        const code = cause instanceof RenderError ? cause.code : 'crash';
        if (code !== 'aborted') report({ type: 'render.failed', url, code, message: messageOf(cause) });
        throw cause;
      }
    },
  };
}
