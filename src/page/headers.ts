/** Header fields in order; names in lower case, one pair per field line. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** The first value of a field, by its lower-case name. */
export function headerValue(headers: HeaderList, name: string): string | undefined {
  return headers.find(([field]) => field === name)?.[1];
}

/** A field's value in a head: the part of the text without the blanks around it (RFC 9110 §5.5: spaces and tabs, nothing else). */
export function trimmedField(text: string, from: number, to: number): string {
  let begin = from;
  let end = to;
  while (begin < end && isBlank(text.charCodeAt(begin))) begin += 1;
  while (end > begin && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(begin, end);
}

const isBlank = (code: number): boolean => code === 32 || code === 9;
