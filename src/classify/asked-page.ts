import type { Device } from '../page/page-target.ts';
import { throughTraffic, unfit } from './classify.ts';
import { type MarkdownSettings, markdownTarget } from './markdown.ts';
import { createTargets, type TargetSettings } from './targets.ts';
import type { RequestFacts, Verdict } from './verdict.ts';
import { createVisitors, type ReaderSettings } from './visitors.ts';

export interface AskedPageSettings extends ReaderSettings, TargetSettings {
  readonly markdown: MarkdownSettings;
}

/** What somebody gets who asks for the rendered page by name. `device` goes before what the user agent says. */
export type AskedPages = (facts: RequestFacts, device: Device | undefined) => Verdict;

/**
 * As a classifier decides for readers, but that everybody is one who asks here. What readers get from the application, be it excluded, a file or a
 * renderer's own request, is the application's here, too.
 */
export function createAskedPages(settings: AskedPageSettings): AskedPages {
  const visitorOf = createVisitors(settings);
  const targets = createTargets(settings);

  return (facts, device) => {
    const { reader, isMobile, isOurs } = visitorOf(facts.userAgent);
    const own = throughTraffic(facts, isOurs);
    if (own !== undefined) return { kind: 'pass', because: own, reader };

    const markdown = markdownTarget(settings.markdown, facts, reader);
    const place = targets.find(markdown ?? facts.target, device === undefined ? isMobile : device === 'mobile');
    const because = unfit(place);
    if (because !== undefined || place.page === undefined)
      return { kind: 'pass', because: because ?? 'excluded', reader };
    return { kind: 'page', target: place.page, reader, format: markdown === undefined ? 'html' : 'markdown' };
  };
}
