import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPathRules } from '../../src/classify/path-rules.ts';
import { fitsText } from '../../src/classify/wildcard.ts';
import { ConfigError } from '../../src/errors.ts';

const isFound = (match: string, path: string) => createPathRules([{ match }])(path) !== undefined;

describe('a rule for paths', () => {
  it.each([
    ['/', '/'],
    ['/blog', '/blog'],
    ['/blog/*', '/blog/a'],
    ['/blog/*', '/blog/'],
    ['/blog/*.html', '/blog/a.html'],
    ['/blog/**', '/blog'],
    ['/blog/**', '/blog/'],
    ['/blog/**', '/blog/a/b/c'],
    ['/**', '/'],
    ['/**/print', '/print'],
    ['/**/print', '/a/b/print'],
    ['**/print', '/a/print'],
    ['/a/**/b/**/c', '/a/x/b/y/z/c'],
    ['/a/**/b/**/c', '/a/b/c'],
    ['/a*c*e', '/abcde'],
    ['/über/**', '/%C3%BCber/x'],
    ['/a b', '/a%20b'],
  ])('%s fits %s', (match, path) => {
    expect(isFound(match, path)).toBe(true);
  });

  it.each([
    ['/', '/a'],
    ['/blog', '/blog/'],
    ['/blog', '/Blog'],
    ['/blog/*', '/blog/a/b'],
    ['/blog/*', '/blog'],
    ['/blog/**', '/blogs'],
    ['/**/print', '/printer'],
    ['/a.b', '/axb'],
    ['/a/**/b/**/c', '/a/c/b'],
  ])('%s does not fit %s', (match, path) => {
    expect(isFound(match, path)).toBe(false);
  });

  it('counts before those that are written after it', () => {
    const find = createPathRules([{ match: '/blog/new' }, { match: '/blog/**' }, { match: '/blog/old' }]);
    expect(find('/blog/new')?.match).toBe('/blog/new');
    expect(find('/blog/old')?.match).toBe('/blog/**');
    expect(find('/shop')).toBeUndefined();
  });

  it('is refused when it could never fit, and all such are told together', () => {
    const rules = ['blog', '/a?b=1', '/a#b', '/a**', '*'].map((match) => ({ match }));
    const problems = (() => {
      try {
        createPathRules(rules);
      } catch (error) {
        if (error instanceof ConfigError) return error.problems;
      }
      return [];
    })();
    expect(problems).toHaveLength(rules.length);
  });

  it('takes little time for a path made to be slow', () => {
    const find = createPathRules([{ match: '/**/a*b*c*d/**/x*y*z/**/e' }]);
    const begin = performance.now();
    expect(find(`${'/abc'.repeat(2000)}/${'abc'.repeat(2000)}`)).toBeUndefined();
    expect(performance.now() - begin).toBeLessThan(500);
  });
});

it('a star stands for what a regular expression would let it', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 });
  const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
  fc.assert(
    fc.property(patterns, letters, (pattern, text) => {
      expect(fitsText(pattern, text)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(text));
    }),
    { numRuns: 5000 },
  );
});
