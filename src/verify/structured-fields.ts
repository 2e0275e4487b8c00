/** A bare item (RFC 9651 §3.3) of the kinds that signatures use. */
export type Bare = string | number | boolean | Uint8Array | Token;

export class Token {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

export type Params = ReadonlyMap<string, Bare>;

export interface Item {
  readonly kind: 'item';
  readonly value: Bare;
  readonly params: Params;
  /** The canonical spelling, parameters included. */
  readonly text: string;
}

export interface InnerList {
  readonly kind: 'list';
  readonly items: readonly Item[];
  readonly params: Params;
  readonly text: string;
}

export type Dictionary = ReadonlyMap<string, Item | InnerList>;

/**
 * A field that is a dictionary (RFC 9651 §3.2); undefined when it is malformed. A key that comes twice counts as malformed too: which
 * of the two is meant is a question that signatures must not raise.
 */
export function parseDictionary(field: string): Dictionary | undefined {
  return parsed(field, (cursor) => {
    const members = new Map<string, Item | InnerList>();
    while (!cursor.atEnd()) {
      const key = cursor.key();
      if (members.has(key)) throw new SyntaxError(`${key} twice`);
      members.set(key, cursor.skip('=') ? member(cursor) : item(true, cursor));
      cursor.space();
      if (cursor.atEnd()) break;
      cursor.expect(',');
      cursor.space();
      if (cursor.atEnd()) throw new SyntaxError('ends with a comma');
    }
    return members;
  });
}

/** A field that is one item (RFC 9651 §3.3); undefined when it is malformed. */
export function parseItem(field: string): Item | undefined {
  return parsed(field, (cursor) => item(bare(cursor), cursor));
}

function parsed<T>(field: string, parse: (cursor: Cursor) => T): T | undefined {
  try {
    const cursor = new Cursor(field.trim());
    const result = parse(cursor);
    return cursor.atEnd() ? result : undefined;
  } catch {
    return undefined;
  }
}

class Cursor {
  #at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    return this.#at === this.#text.length;
  }

  skip(sign: string): boolean {
    if (!this.#text.startsWith(sign, this.#at)) return false;
    this.#at += sign.length;
    return true;
  }

  expect(sign: string): void {
    if (!this.skip(sign)) throw new SyntaxError(`${sign} expected at ${this.#at}`);
  }

  /** What a sticky pattern matches here, or undefined. */
  match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text) ?? undefined;
    if (match !== undefined) this.#at = pattern.lastIndex;
    return match;
  }

  key(): string {
    const key = this.match(/[a-z*][a-z\d_.*-]*/y);
    if (key === undefined) throw new SyntaxError(`a key expected at ${this.#at}`);
    return key[0];
  }

  space(): void {
    this.match(/[ \t]*/y);
  }
}

function member(cursor: Cursor): Item | InnerList {
  if (!cursor.skip('(')) return item(bare(cursor), cursor);
  const items: Item[] = [];
  for (cursor.match(/ */y); !cursor.skip(')'); ) {
    items.push(item(bare(cursor), cursor));
    if (cursor.match(/ +|(?=\))/y) === undefined) throw new SyntaxError('items of a list run together');
  }
  const params = parameters(cursor);
  return { kind: 'list', items, params, text: `(${items.map(({ text }) => text).join(' ')})${spelled(params)}` };
}

function item(value: Bare, cursor: Cursor): Item {
  const params = parameters(cursor);
  return { kind: 'item', value, params, text: spelledBare(value) + spelled(params) };
}

function parameters(cursor: Cursor): Params {
  const params = new Map<string, Bare>();
  while (cursor.skip(';')) {
    cursor.match(/ */y);
    const key = cursor.key();
    params.set(key, cursor.skip('=') ? bare(cursor) : true);
  }
  return params;
}

function bare(cursor: Cursor): Bare {
  const text = cursor.match(/"((?:[ !#-[\]-~]|\\["\\])*)"/y);
  if (text !== undefined) return (text[1] ?? '').replace(/\\(.)/g, '$1');
  const number = cursor.match(/-?\d{1,15}(?![\d.])/y);
  if (number !== undefined) return Number(number[0]);
  const bytes = cursor.match(/:([A-Za-z\d+/]*={0,2}):/y);
  if (bytes !== undefined) return Buffer.from(bytes[1] ?? '', 'base64');
  const flag = cursor.match(/\?([01])/y);
  if (flag !== undefined) return flag[1] === '1';
  const token = cursor.match(/[A-Za-z*][\w!#$%&'*+.^`|~:/-]*/y);
  if (token !== undefined) return new Token(token[0]);
  throw new SyntaxError('no item');
}

function spelledBare(value: Bare): string {
  if (typeof value === 'string') return `"${value.replace(/["\\]/g, '\\$&')}"`;
  if (typeof value === 'boolean') return value ? '?1' : '?0';
  if (value instanceof Token) return value.name;
  return typeof value === 'number' ? String(value) : `:${Buffer.from(value).toString('base64')}:`;
}

function spelled(params: Params): string {
  return [...params].map(([key, value]) => (value === true ? `;${key}` : `;${key}=${spelledBare(value)}`)).join('');
}
