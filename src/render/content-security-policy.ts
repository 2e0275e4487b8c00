/**
 * The policy as it must be for a page that was written down: rules and style attributes that scripts had set in memory, which
 * no policy restricts, are inline styles now, and nonces are gone. Everything else of the policy stays as it is; nonces for
 * scripts do no harm where no script is left.
 */
export function allowInlineStyles(field: string): string {
  // A comma separates whole policies, and all of them are in force (CSP3 §2.2.2).
  return field.split(',').map(relaxed).join(',');
}

function relaxed(policy: string): string {
  const directives = policy.split(';').map((text) => text.trim());
  const named = (name: string) => directives.findIndex((text) => nameOf(text) === name);

  const styles = ['style-src', 'style-src-elem', 'style-src-attr'].map(named).filter((index) => index >= 0);
  for (const index of styles) directives[index] = withInline(directives[index] ?? '');
  const fallback = directives[named('default-src')];
  if (named('style-src') < 0 && fallback !== undefined && !permitsInline(fallback)) {
    directives.push(withInline(`style-src ${sourcesOf(fallback).join(' ')}`));
  }
  return directives.filter((text) => text !== '').join('; ');
}

const nameOf = (directive: string) => directive.split(/\s/, 1)[0]?.toLowerCase() ?? '';
const sourcesOf = (directive: string) => directive.split(/\s+/).slice(1);

/** With a nonce or a hash in the list, `'unsafe-inline'` has no effect. */
function permitsInline(directive: string): boolean {
  return /'unsafe-inline'/i.test(directive) && !/'(?:nonce|sha\d{3})-/i.test(directive);
}

function withInline(directive: string): string {
  if (permitsInline(directive)) return directive;
  const [name = ''] = directive.split(/\s+/);
  const sources = sourcesOf(directive).filter(
    (source) => !/^'(?:none'|unsafe-inline'|strict-dynamic'|nonce-|sha\d{3}-)/i.test(source),
  );
  return [name, ...sources, "'unsafe-inline'"].join(' ');
}
