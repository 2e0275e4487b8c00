import { normalParameter } from '../page/url-form.ts';

/** What a robots.txt says to one robot (RFC 9309). */
export interface RobotsRules {
  /** Asked with the path and query of a page. */
  allows(target: string): boolean;
}

export const allowAll: RobotsRules = { allows: () => true };
/** For a robots.txt that should be there and cannot be had (RFC 9309 §2.3.1.4). */
export const allowNone: RobotsRules = { allows: () => false };

interface Rule {
  readonly allow: boolean;
  readonly pattern: string;
}

/** The rules of all groups that name `product`, or of those for `*` when none does (RFC 9309 §2.2.1). */
export function robotsRules(robots: string, product: string): RobotsRules {
  const own: Rule[] = [];
  const everyones: Rule[] = [];
  let isNamed = false;
  let group: Rule[][] = [];
  let isHead = false;
  for (const { key, value } of recordsOf(robots)) {
    if (key === 'user-agent') {
      if (!isHead) group = [];
      isHead = true;
      const name = /^(?:\*|[a-z_-]+)/i.exec(value)?.[0].toLowerCase();
      if (name === product) {
        isNamed = true;
        group.push(own);
      } else if (name === '*') group.push(everyones);
    } else if (key === 'allow' || key === 'disallow') {
      isHead = false;
      // An empty rule says nothing, and a path begins with a slash.
      if (!/^[/*]/.test(value)) continue;
      for (const rules of group) rules.push({ allow: key === 'allow', pattern: normalParameter(value) });
    }
  }
  const rules = isNamed ? own : everyones;
  return { allows: (target) => target === '/robots.txt' || isAllowed(rules, normalParameter(target)) };
}

function* recordsOf(robots: string) {
  for (const line of robots.replace(/^\uFEFF/, '').split(/\r\n?|\n/)) {
    const [record = ''] = line.split('#', 1);
    const colon = record.indexOf(':');
    if (colon > 0) yield { key: record.slice(0, colon).trim().toLowerCase(), value: record.slice(colon + 1).trim() };
  }
}

/** The longest rule that fits counts; of two equally long ones the one that allows (RFC 9309 §2.2.2). */
function isAllowed(rules: readonly Rule[], target: string): boolean {
  let best: Rule | undefined;
  for (const rule of rules) {
    const longer = rule.pattern.length - (best?.pattern.length ?? 0);
    if ((longer > 0 || (longer === 0 && rule.allow)) && fits(rule.pattern, target)) best = rule;
  }
  return best?.allow ?? true;
}

/** `*` stands for anything, a `$` at the end for the end (RFC 9309 §2.2.3). Takes one pass, whatever the pattern. */
function fits(pattern: string, target: string): boolean {
  const isAnchored = pattern.endsWith('$');
  const [first = '', ...pieces] = (isAnchored ? pattern.slice(0, -1) : pattern).split('*');
  if (!target.startsWith(first)) return false;
  if (isAnchored && pieces.length === 0) return target === first;
  const last = isAnchored ? (pieces.pop() ?? '') : '';
  let at = first.length;
  for (const piece of pieces) {
    const found = target.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return target.length - last.length >= at && target.endsWith(last);
}
