import { messageOf } from '../errors.ts';
import type { Field } from './fields.ts';

/** What a text from the environment or the command line means for a setting. Throws when it is malformed JSON. */
export function coerce(text: string, field: Field): unknown {
  const { kinds } = field;
  if (kinds.has('array')) return text.trimStart().startsWith('[') ? json(text, field) : commaSeparated(text);
  if (kinds.has('object')) return json(text, field);
  if (kinds.has('number') && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (kinds.has('boolean')) return boolean(text);
  return text;
}

function boolean(text: string): unknown {
  if (/^(true|1|yes|on)$/i.test(text)) return true;
  if (/^(false|0|no|off)$/i.test(text)) return false;
  return text;
}

function commaSeparated(text: string): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function json(text: string, { isSecret }: Field): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // The parser's message quotes the text.
    throw new Error(isSecret ? 'must be JSON' : `must be JSON: ${messageOf(cause)}`);
  }
}
