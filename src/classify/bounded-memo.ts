/**
 * Remembers the answers of a pure function for about `size` arguments, dropping those that were not asked for lately.
 * Two generations instead of a list by age: a hit costs one look-up, and a flood of new arguments costs no bookkeeping.
 */
export function boundedMemo<Answer>(size: number, compute: (argument: string) => Answer): (argument: string) => Answer {
  let young = new Map<string, Answer>();
  let old = new Map<string, Answer>();
  return (argument) => {
    const known = young.get(argument);
    if (known !== undefined) return known;
    const answer = old.get(argument) ?? compute(argument);
    if (young.size >= size / 2) {
      old = young;
      young = new Map();
    }
    young.set(argument, answer);
    return answer;
  };
}
