import type { Clock } from '../clock.ts';
import { RenderError } from '../errors.ts';
import { whyIncomplete } from '../page/incomplete.ts';
import type { Snapshot } from '../page/snapshot.ts';
import { variantKey } from '../page/variant.ts';
import type { Renderer, RenderJob } from '../render/renderer.ts';
import { type FailureMemory, originKey } from './failure-memory.ts';
import type { PageAnswer, PageSource } from './page-source.ts';
import { createSingleFlight } from './single-flight.ts';
import { variantEntry } from './variant-entry.ts';

export interface VariantSourceParts {
  readonly renderer: Renderer;
  readonly failures: Pick<FailureMemory, 'isResting'>;
  readonly clock: Clock;
}

/** Renders pages otherwise than for readers, for one answer each. */
export function createVariantSource({ renderer, failures, clock }: VariantSourceParts): PageSource['renderVariant'] {
  const flights = createSingleFlight<Snapshot, RenderJob>();

  return async (target, variant, asker) => {
    // What fails for readers is not tried for this either. That this fails says nothing of what readers get.
    const now = clock.now();
    if (failures.isResting(target.key, now) || failures.isResting(originKey(target.site), now))
      return { kind: 'failed', code: 'recently-failed' };
    const job: RenderJob = { target, priority: 'interactive', client: asker.client(), variant };
    const key = `${target.key} ${variantKey(variant)}`;
    try {
      const flight = flights.join(key, job, asker.gone(), (whileWanted) => renderer.render(job, whileWanted));
      const snapshot = await flight.result;
      const incomplete = whyIncomplete(snapshot.inputs, target.site) !== undefined;
      const joined = flight.joined !== undefined;
      const rendered = { stored: false, joined, incomplete, variant: true, report: snapshot.report };
      return { kind: 'page', from: 'render', entry: variantEntry(target, snapshot, variant), rendered };
    } catch (cause) {
      return failed(cause);
    }
  };
}

export function failed(cause: unknown): PageAnswer {
  return { kind: 'failed', code: cause instanceof RenderError ? cause.code : 'crash' };
}
