import { describe, expect, it } from 'vitest';
import { robotsRules } from '../../src/serve/robots.ts';

const allows = (robots: string, target: string) => robotsRules(robots, 'preface').allows(target);
const everyone = (...rules: string[]) => ['User-agent: *', ...rules].join('\n');

describe('robots.txt', () => {
  it.each([
    ['nothing', '', '/a', true],
    ['a rule for all', everyone('Disallow: /private'), '/private/1', false],
    ['a rule for another path', everyone('Disallow: /private'), '/public', true],
    ['an empty rule', everyone('Disallow:'), '/a', true],
    ['the longer rule', everyone('Allow: /shop/lamps', 'Disallow: /shop'), '/shop/lamps/7', true],
    ['the longer rule, whatever its place', everyone('Disallow: /shop', 'Allow: /shop/lamps'), '/shop/lamps/7', true],
    ['of equal rules the one that allows', everyone('Disallow: /a', 'Allow: /a'), '/a', true],
    ['a star', everyone('Disallow: /*/edit'), '/page/7/edit', false],
    ['a star before a query', everyone('Disallow: /*?sort='), '/lamps?sort=price', false],
    ['an end', everyone('Disallow: /*.php$'), '/a.php', false],
    ['what goes on after the end', everyone('Disallow: /*.php$'), '/a.php5', true],
    ['an end without a star', everyone('Disallow: /a$'), '/ab', true],
    ['two stars that may not overlap', everyone('Disallow: /*ab*ba$'), '/aba', true],
    ['escapes in either spelling', everyone('Disallow: /caf%C3%A9'), '/café', false],
    ['escapes in capitals or not', everyone('Disallow: /%7Ejoe/%3f'), '/~joe/%3F', false],
    ['letters as they are', everyone('Disallow: /Private'), '/private', true],
    ['a comment', everyone('Disallow: /a # not this'), '/a', false],
    ['itself', everyone('Disallow: /'), '/robots.txt', true],
  ])('goes by %s', (_, robots, target, expected) => {
    expect(allows(robots, target)).toBe(expected);
  });

  it('listens to the groups that name it, and to no others then', () => {
    const robots = `
      User-agent: *
      Disallow: /

      User-agent: Otherbot
      user-agent: PREFACE/1.0
      Disallow: /a

      User-agent: Preface
      Disallow: /b`;
    expect([allows(robots, '/a'), allows(robots, '/b'), allows(robots, '/c')]).toEqual([false, false, true]);
    expect(allows('User-agent: prefaces\nDisallow: /', '/')).toBe(true);
  });

  it('keeps a group together over lines that are none of its business', () => {
    expect(
      allows('\uFEFFUser-agent: a\r\nSitemap: https://x/\r\nUser-agent: *\r\nCrawl-delay: 5\r\nDisallow: /x', '/x'),
    ).toBe(false);
  });

  it('takes one pass over a pattern that would keep a backtracking matcher busy', () => {
    const began = performance.now();
    expect(allows(everyone(`Disallow: /${'*a'.repeat(2000)}$`), `/${'a'.repeat(1999)}b`)).toBe(true);
    expect(performance.now() - began).toBeLessThan(500);
  });
});
