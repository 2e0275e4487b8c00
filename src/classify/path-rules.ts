import { ConfigError } from '../errors.ts';
import { normalPath } from '../page/url-form.ts';
import { fits, fitsText } from './wildcard.ts';

/** What every rule for paths has. In `match`, `*` stands for a run of characters in one segment, `**` for any number of segments. */
export interface PathMatch {
  readonly match: string;
}

export type PathRules<Rule extends PathMatch> = (path: string) => Rule | undefined;

/**
 * Finds the first rule, in the order written, whose `match` fits a normalised path. `/blog/**` fits `/blog` too.
 * Throws a ConfigError for patterns that could never fit a path.
 */
export function createPathRules<Rule extends PathMatch>(rules: readonly Rule[]): PathRules<Rule> {
  const problems = rules.flatMap(({ match }) => problemOf(match) ?? []);
  if (problems.length > 0) throw new ConfigError(problems);
  if (rules.length === 0) return () => undefined;

  const prepared = rules.map((rule) => ({ rule, segments: segmentsOf(rule.match) }));
  return (path) => {
    const asked = path.split('/');
    return prepared.find(({ segments }) => fits(segments, asked, '**', fitsText))?.rule;
  };
}

function segmentsOf(match: string): readonly string[] {
  return normalPath(match.startsWith('/') ? match : `/${match}`).split('/');
}

function problemOf(match: string): string | undefined {
  if (!/^(?:\/|\*\*)/.test(match)) return `path rule "${match}" must begin with / or **`;
  if (/[?#]/.test(match)) return `path rule "${match}" must be a path alone, without a query or fragment`;
  if (/[^/]\*\*|\*\*[^/]/.test(match))
    return `path rule "${match}" must have ** as a segment of its own, such as /blog/**`;
  return undefined;
}
