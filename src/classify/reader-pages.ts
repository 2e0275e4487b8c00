import type { PageTarget } from '../page/page-target.ts';
import { isAssetPath } from './assets.ts';
import type { Targets } from './targets.ts';

/** The pages that readers are given at a target, one a device; none where everybody gets what the origin answers. */
export function readerPages(targets: Targets, target: string): readonly PageTarget[] {
  const { path, render } = targets.find(target, false);
  const isPassedThrough = render === false || (render !== true && isAssetPath(path));
  return isPassedThrough ? [] : targets.pages(target);
}
