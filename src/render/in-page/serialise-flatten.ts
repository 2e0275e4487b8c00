/**
 * Rewrites the rules of a shadow tree so that they hold for the same elements once the tree is part of the document: those
 * below the host marked `data-preface-host`, save the trees of other hosts and what was slotted in from outside.
 * (Self-contained: it is sent to the page as text.)
 */
export function scopedRules(rules: CSSRuleList, tree: string): string {
  const host = `[data-preface-host="${tree}"]`;
  const own = `[data-preface-slotted="${tree}"]`;
  const foreign = `[data-preface-host]:not(${host}) > :not([data-preface-slotted]), [data-preface-slotted]:not(${own})`;
  /** Rules that name something instead of choosing elements have no place inside `@scope`. */
  const names: string[] = [];

  const scoped = rewritten(rules, false);
  const slotted = rewritten(rules, true);
  const block = scoped === '' ? '' : `@scope (${host}, ${own}) to (${foreign}) {\n${scoped}\n}`;
  const text = [...names, block, slotted].filter((part) => part !== '').join('\n');
  return text.replace(/<\/(?=style)/gi, '<\\/');

  /** The rules for slotted elements (`forSlotted`), which belong to another tree, or all others. */
  function rewritten(list: CSSRuleList, forSlotted: boolean): string {
    const parts: string[] = [];
    for (const rule of list) {
      if (rule instanceof CSSStyleRule) {
        const chosen = selectors(rule.selectorText, forSlotted);
        if (chosen !== '') parts.push(chosen + rule.cssText.slice(rule.selectorText.length));
      } else if (rule instanceof CSSGroupingRule) {
        const inner = rewritten(rule.cssRules, forSlotted);
        if (inner !== '') parts.push(`${rule.cssText.slice(0, rule.cssText.indexOf('{'))}{\n${inner}\n}`);
      } else if (!forSlotted) names.push(rule.cssText);
    }
    return parts.join('\n');
  }

  function selectors(text: string, forSlotted: boolean): string {
    return listMembers(text)
      .filter((member) => member.includes('::slotted(') === forSlotted)
      .map((member) => (forSlotted ? slottedSelector(member) : ownSelector(member)))
      .join(', ');
  }

  /** A selector in `@scope` that does not name `:scope` is taken to be about its descendants only; this one matches it, too. */
  function ownSelector(text: string): string {
    const pseudoElement = /::[^()]*(?:\([^()]*\))?[^()]*$/.exec(text)?.[0] ?? '';
    const element = hosted(text.slice(0, text.length - pseudoElement.length)) || '*';
    return `:is(${element}, :where(:scope:not(*)))${pseudoElement}`;
  }

  function slottedSelector(text: string): string {
    const result = withArgument(hosted(text), '::slotted(', (inner) => `[data-preface-slotted]:is(${inner})`);
    return result.includes(host) ? result : `${host} ${result}`;
  }

  function hosted(text: string): string {
    const inContext = withArgument(text, ':host-context(', (inner) => `${host}:is(${inner}, ${inner} *)`);
    const withCondition = withArgument(inContext, ':host(', (inner) => `${host}:is(${inner})`);
    return withCondition.replace(/:host(?![\w(-])/g, host);
  }

  function listMembers(text: string): string[] {
    const members = [''];
    let depth = 0;
    for (const character of text) {
      if (character === '(' || character === '[') depth++;
      else if (character === ')' || character === ']') depth--;
      if (character === ',' && depth === 0) members.push('');
      else members[members.length - 1] += character;
    }
    return members.map((member) => member.trim());
  }

  /** Replaces every `open…)`, with its parentheses in balance. */
  function withArgument(text: string, open: string, replacement: (inner: string) => string): string {
    const start = text.indexOf(open);
    if (start < 0) return text;
    let end = start + open.length;
    for (let depth = 1; end < text.length; end++) {
      if (text[end] === '(') depth++;
      else if (text[end] === ')' && --depth === 0) break;
    }
    const inner = text.slice(start + open.length, end);
    return text.slice(0, start) + replacement(inner) + withArgument(text.slice(end + 1), open, replacement);
  }
}
