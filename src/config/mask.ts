const hidden = '********';

/** A value as it may be shown: secrets hidden, and passwords in URLs wherever they stand. */
export function masked(value: unknown, isSecret: boolean): unknown {
  if (typeof value === 'string') return maskedText(value, isSecret);
  if (Array.isArray(value)) return value.map((item) => masked(item, isSecret));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, masked(part, isSecret)]));
}

/** A URL keeps what says where it leads. Of a secret one the query goes too: that is where browser services take their tokens. */
function maskedText(text: string, isSecret: boolean): string {
  if (text === '') return text;
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(text)) return isSecret ? hidden : text;
  // An unescaped @ or / in a password must not show the rest of it.
  const password = isSecret ? /^([^/]*\/\/[^/@:]*):.*@/s : /^([^/]*\/\/[^/@:]*):[^/]*@/;
  const withoutPassword = text.replace(password, `$1:${hidden}@`);
  return isSecret ? withoutPassword.replace(/\?.*$/s, `?${hidden}`) : withoutPassword;
}
