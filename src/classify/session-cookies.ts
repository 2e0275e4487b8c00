/** A test for `Cookie` headers that carry one of the named cookies; `name*` stands for every name with that beginning. */
export function sessionCookieTest(names: readonly string[]): (cookie: string) => boolean {
  if (names.length === 0) return () => false;
  const sources = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\\\*$/, '[^=;\\s]*'));
  const any = new RegExp(`(?:^|;)\\s*(?:${sources.join('|')})\\s*=`);
  return (cookie) => any.test(cookie);
}
