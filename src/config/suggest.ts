import { distance } from 'fastest-levenshtein';

/** The known name that was probably meant, if any is near enough to be more than a guess. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const asked = simplified(name);
  const ranked = known
    .map((candidate) => ({ candidate, far: farness(asked, simplified(candidate)) }))
    .filter(({ candidate, far }) => far <= Math.max(1, Math.floor(Math.min(asked.length, candidate.length) * 0.4)))
    .sort((a, b) => a.far - b.far);
  return ranked[0]?.candidate;
}

/** How many letters differ; another ending of the same word is near (`warning` for `warn`). */
function farness(one: string, other: string): number {
  const letters = distance(one, other);
  const isForm =
    letters <= 3 && Math.min(one.length, other.length) > 2 && (one.startsWith(other) || other.startsWith(one));
  return isForm ? Math.min(letters, 1) : letters;
}

/** `public_url`, `public-url` and `publicURL` all mean `publicUrl`. */
function simplified(name: string): string {
  return name.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();
}
