/** A pattern for paths, such as `/blog/**`. Throws with a message for people. */
export function parsePathPattern(text: string): string {
  if (!/^(?:\/|\*\*)/.test(text)) throw new Error('must begin with /, such as /blog/**');
  if (/[?#]/.test(text)) throw new Error('must be a path alone, without a query or a fragment');
  if (/[^/]\*\*|\*\*[^/]/.test(text)) throw new Error('must have ** as a segment of its own, such as /blog/**');
  return text;
}
