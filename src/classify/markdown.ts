import type { Reader } from '../page/reader.ts';
import { prefersMarkdown } from './accepts.ts';
import type { RequestFacts } from './verdict.ts';

export interface MarkdownSettings {
  /** Give Markdown to readers that ask for it with `Accept: text/markdown`. */
  readonly enabled: boolean;
  /** And under `<path>.md`. */
  readonly suffix: boolean;
}

/** The target of the page that is asked for as Markdown; undefined when it is not Markdown that is asked for. */
export function markdownTarget(settings: MarkdownSettings, facts: RequestFacts, reader: Reader): string | undefined {
  if (!settings.enabled || reader.class === 'person') return undefined;
  const page = settings.suffix ? withoutSuffix(facts.target) : undefined;
  return page ?? (prefersMarkdown(facts.accept) ? facts.target : undefined);
}

/** `/docs/intro.md` is `/docs/intro`, `/docs/index.md` and `/docs/index.html.md` are `/docs/`. */
function withoutSuffix(target: string): string | undefined {
  const end = target.search(/[?#]|$/);
  const path = target.slice(0, end);
  if (!path.endsWith('.md')) return undefined;
  return path.slice(0, -3).replace(/\/index(?:\.html)?$/, '/') + target.slice(end);
}
