/** `Cache-Control` as a map from directive to its argument (RFC 9111 §5.2); a repeated directive counts once, the first time. */
export function cacheControl(value: string | readonly string[] | undefined): ReadonlyMap<string, string> {
  const text = typeof value === 'string' ? value : (value?.join(',') ?? '');
  if (text === '') return nothing;
  if (text !== last.text) last = { text, directives: directivesOf(text) };
  return last.directives;
}

const nothing: ReadonlyMap<string, string> = new Map();

/** An answer is asked about several times in a row. */
let last = { text: '', directives: nothing };

function directivesOf(text: string): ReadonlyMap<string, string> {
  const directives = new Map<string, string>();
  for (const [, name = '', quoted, token] of text.matchAll(/([\w-]+)(?:\s*=\s*(?:"([^"]*)"|([^\s,;]*)))?/g)) {
    const key = name.toLowerCase();
    if (!directives.has(key)) directives.set(key, quoted ?? token ?? '');
  }
  return directives;
}

/** The most that a time can be (RFC 9111 §1.2.2). */
const mostSeconds = 2 ** 31;

/** Delta-seconds (RFC 9111 §1.2.2) in milliseconds; undefined for what is none. */
export function deltaSecondsMs(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Math.min(Number(text), mostSeconds) * 1000 : undefined;
}
