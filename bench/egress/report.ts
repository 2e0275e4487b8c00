import { median } from '../median.ts';
import type { Lane } from './lanes.ts';

/** What one load took, by the mean of some in a row. */
export interface Sample {
  readonly cpuMs: number;
  /** The part of it that is not Chromium's: a tenth of the whole, and steadier. */
  readonly hereMs: number;
  readonly wallMs: number;
}

/** The samples of each lane, by rounds. */
export type Measured = ReadonlyMap<Lane, readonly Sample[]>;

/** Medians, and what a load through the egress costs more than one without, as a share of a whole render that has no egress. */
export function reportOfOne(lanes: readonly Lane[], measured: Measured): string {
  const [bare, plain, secure, render] = lanes.map((lane) => measured.get(lane) ?? []);
  const lines = lanes.map((lane) => {
    const of = (what: keyof Sample) => medianOf(measured.get(lane), what).toFixed(1);
    return `  ${lane.name.padEnd(28)} CPU ${of('cpuMs').padStart(6)} ms (${of('hereMs').padStart(4)} here)   wall ${of('wallMs').padStart(6)} ms`;
  });
  const share = (by: readonly Sample[] = [], what: keyof Sample, of: keyof Sample = what) => {
    const shares = by.map((sample, n) => {
      const more = sample[what] - (bare?.[n]?.[what] ?? 0);
      return more / ((render?.[n]?.[of] ?? 0) - (sample[of] - (bare?.[n]?.[of] ?? 0)));
    });
    return percent(median(shares));
  };
  return [
    ...lines,
    `  on a render: CPU ${share(plain, 'cpuMs')} (http), ${share(secure, 'cpuMs')} (https); wall ${share(plain, 'wallMs')}, ${share(secure, 'wallMs')}`,
    `  of that CPU, in the process of the egress: ${share(plain, 'hereMs', 'cpuMs')}, ${share(secure, 'hereMs', 'cpuMs')}`,
  ].join('\n');
}

/** The same for many pages, by the sums of their medians; only processor time, since the loads end with a wait. */
export function reportOfAll(lanes: readonly Lane[], pages: readonly Measured[]): string {
  const total = (lane: Lane | undefined, what: 'cpuMs' | 'hereMs') =>
    pages.reduce((sum, measured) => sum + medianOf(lane && measured.get(lane), what), 0);
  const [bare, plain, secure, render] = lanes;
  const lines = lanes.map(
    (lane) =>
      `  ${lane.name.padEnd(28)} CPU ${total(lane, 'cpuMs').toFixed(0).padStart(6)} ms (${total(lane, 'hereMs').toFixed(0).padStart(4)} here)`,
  );
  const share = (lane: Lane | undefined, what: 'cpuMs' | 'hereMs') => {
    const more = total(lane, 'cpuMs') - total(bare, 'cpuMs');
    return percent((total(lane, what) - total(bare, what)) / (total(render, 'cpuMs') - more));
  };
  return [
    ...lines,
    `  on a render: CPU ${share(plain, 'cpuMs')} (http), ${share(secure, 'cpuMs')} (https)`,
    `  of that CPU, in the process of the egress: ${share(plain, 'hereMs')}, ${share(secure, 'hereMs')}`,
  ].join('\n');
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

function medianOf(samples: readonly Sample[] = [], what: keyof Sample): number {
  return median(samples.map((sample) => sample[what]));
}
