import trackingParameters from '../../config/tracking-parameters.json' with { type: 'json' };
import { pageAt, targetParts } from '../page/page-key.ts';
import type { Device, PageTarget } from '../page/page-target.ts';
import { type QueryRule, queryRule } from '../page/query.ts';
import type { Site } from '../page/site.ts';
import { createPathRules } from './path-rules.ts';

/** Which device a page is rendered for: always the same (a responsive site needs no more), or the reader's own kind. */
export type DeviceChoice = Device | 'auto';

export interface PathRule {
  /** `*` stands for a run of characters in one segment, `**` for any number of segments. The first rule that fits counts. */
  readonly match: string;
  /** `false` passes the paths through; `true` takes them for pages even where they end like files. */
  readonly render?: boolean | undefined;
  readonly device?: DeviceChoice | undefined;
  readonly query?:
    | { readonly keep?: readonly string[] | undefined; readonly ignore?: readonly string[] | undefined }
    | undefined;
}

export interface TargetSettings {
  readonly site: Site;
  readonly paths: readonly PathRule[];
  /** Query parameters that do not count, beside those in `config/tracking-parameters.json`. */
  readonly ignoreQuery: readonly string[];
  readonly device: DeviceChoice;
}

/** Where a request target points to. */
export interface Place {
  /** The normalised path; empty for a target that has none. */
  readonly path: string;
  /** What the configuration says of rendering there; undefined when it says nothing. */
  readonly render: boolean | undefined;
  /** Undefined for a target that is no page (see `pageAt`). */
  readonly page: PageTarget | undefined;
}

export interface Targets {
  find(target: string, isMobile: boolean): Place;
  /** Every page that is stored for a target, one a device: what a purge or a warm-up by URL means. */
  pages(target: string): readonly PageTarget[];
}

/** Knows the pages of one site: the only place where the configuration decides what is part of a key. */
export function createTargets(settings: TargetSettings): Targets {
  const { site, device, paths, ignoreQuery } = settings;
  const ignore = [...trackingParameters, ...ignoreQuery];
  const usual: PreparedRule = { match: '/**', render: undefined, device, counts: queryRule({ ignore }) };
  const ruleFor = createPathRules(paths.map((rule) => prepare(rule, usual, ignore)));

  return {
    find(target, isMobile) {
      const parts = targetParts(target);
      if (parts === undefined) return noPlace;
      const { render, device, counts } = ruleFor(parts.path) ?? usual;
      return { path: parts.path, render, page: pageAt(site, parts, deviceFor(device, isMobile), counts) };
    },
    pages(target) {
      const parts = targetParts(target);
      if (parts === undefined) return [];
      const { device, counts } = ruleFor(parts.path) ?? usual;
      const devices: readonly Device[] = device === 'auto' ? ['desktop', 'mobile'] : [device];
      return devices.flatMap((one) => pageAt(site, parts, one, counts) ?? []);
    },
  };
}

const noPlace: Place = { path: '', render: undefined, page: undefined };

interface PreparedRule {
  readonly match: string;
  readonly render: boolean | undefined;
  readonly device: DeviceChoice;
  readonly counts: QueryRule;
}

function prepare(
  { match, render, device, query }: PathRule,
  usual: PreparedRule,
  ignore: readonly string[],
): PreparedRule {
  const counts = query ? queryRule({ ignore: [...ignore, ...(query.ignore ?? [])], keep: query.keep }) : usual.counts;
  return { match, render, device: device ?? usual.device, counts };
}

function deviceFor(choice: DeviceChoice, isMobile: boolean): Device {
  if (choice !== 'auto') return choice;
  return isMobile ? 'mobile' : 'desktop';
}
