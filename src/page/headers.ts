/** Header fields in order; names in lower case, one pair per field line. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** The first value of a field, by its lower-case name. */
export function headerValue(headers: HeaderList, name: string): string | undefined {
  return headers.find(([field]) => field === name)?.[1];
}
