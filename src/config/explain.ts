import type { z } from 'zod';
import { isSecret } from './fields.ts';
import { type Path, type Raw, valueAt } from './layers.ts';
import { masked } from './mask.ts';
import { nearest } from './suggest.ts';
import { unknownKey } from './unknown-key.ts';
import { oneOf } from './words.ts';

type Issue = z.core.$ZodIssue;

/** What is wrong at one path, in words that follow the path's name. */
export interface Problem {
  readonly path: Path;
  /** Whether the name itself is wrong or what was given for it. */
  readonly what: 'key' | 'value';
  readonly message: string;
}

/** Everything that the schema found, in words. `raw` is what was checked. */
export function explain(issues: readonly Issue[], raw: Raw): readonly Problem[] {
  return issues.flatMap((issue) => explainOne(issue, raw));
}

function explainOne(issue: Issue, raw: Raw): readonly Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...issue.path, key], what: 'key', message: unknownKey(issue.path, key) }));
  }
  if (issue.code === 'invalid_union' && issue.message === 'Invalid input') return explainUnion(issue, raw);
  const value = valueAt(raw, issue.path);
  return [
    { path: issue.path, what: 'value', message: requirement(issue, value) + butIs(issue, value) + meant(issue, value) },
  ];
}

/** The last branch of our unions is the full form; those before it are single words, such as `auto`. */
function explainUnion(issue: z.core.$ZodIssueInvalidUnion, raw: Raw): readonly Problem[] {
  const branches = issue.errors as readonly (readonly Issue[])[];
  const words = branches.slice(0, -1).flatMap(wordsOf);
  const within = (branches.at(-1) ?? []).map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }) as Issue);
  return explain(within, raw).map((problem) => {
    const isWhole = problem.path.length === issue.path.length;
    return isWhole ? { ...problem, message: alsoAllowing(words, problem.message) } : problem;
  });
}

function wordsOf(branch: readonly Issue[]): readonly string[] {
  return branch
    .flatMap((issue) => (issue.code === 'invalid_value' ? issue.values.map(String) : []))
    .filter((word) => word !== '');
}

function alsoAllowing(words: readonly string[], message: string): string {
  return words.length === 0 ? message : message.replace(/^must be /, `must be ${words.join(' or ')} or `);
}

function requirement(issue: Issue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return value === undefined ? 'is missing' : `must be ${nameOfType(issue.expected)}`;
    case 'invalid_value':
      return `must be ${oneOf(issue.values.map(String))}`;
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array'
        ? 'must not be empty'
        : `must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    default:
      return issue.message;
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of settings',
  record: 'a group of names and values',
};

function nameOfType(expected: string): string {
  return typeNames[expected] ?? expected;
}

/** What was given instead, unless it is long, missing or secret. */
function butIs(issue: Issue, value: unknown): string {
  if (value === undefined || isSecret(issue.path)) return '';
  const shown = JSON.stringify(masked(value, false));
  if (shown.length > 60) return '';
  const isText = issue.code === 'invalid_type' && issue.expected === 'string';
  return `, not ${shown}${isText ? ' (put it in quotes)' : ''}`;
}

function meant(issue: Issue, value: unknown): string {
  if (issue.code !== 'invalid_value' || typeof value !== 'string') return '';
  const word = nearest(value, issue.values.map(String));
  return word === undefined ? '' : `; did you mean ${word}?`;
}
