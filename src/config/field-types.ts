import { z } from 'zod';
import { messageOf } from '../errors.ts';
import { parseBaseUrl, parseHost, parseNetwork } from './addresses.ts';
import { parsePathPattern } from './path-pattern.ts';
import { durationPattern, parseDuration, parseSize, sizePattern } from './units.ts';

/** Text with a form of its own; `parse` throws what is wrong with it, in words that follow the setting's name. */
function parsed<T>(parse: (text: string) => T) {
  return z.string().transform((text, context) => {
    try {
      return parse(text);
    } catch (cause) {
      context.issues.push({ code: 'custom', message: messageOf(cause), input: text });
      return z.NEVER;
    }
  });
}

/** A number has no unit, and only nought needs none. */
function withUnit<T>(parse: (text: string) => T, pattern: string): z.ZodType<T, string | number> {
  const text = parsed(parse).meta({ pattern });
  return z.preprocess((value) => (typeof value === 'number' ? String(value) : value), text) as never;
}

export const duration = withUnit(parseDuration, durationPattern);
export const size = withUnit(parseSize, sizePattern);
export const baseUrl = parsed(parseBaseUrl).meta({ format: 'uri', pattern: '^https?://' });
export const network = parsed(parseNetwork);
export const host = parsed(parseHost);
export const pathPattern = parsed(parsePathPattern);
export const port = z.int().min(0).max(65_535);
export const count = z.int().min(0);
export const positive = z.int().min(1);
export const text = z.string();
export const flag = z.boolean();

/** An empty text stands for "not set". */
export function unsetOr<T extends z.ZodType>(type: T) {
  return z.union([z.literal(''), type]).transform((value) => (value === '' ? undefined : (value as z.output<T>)));
}

export function autoOr<T extends z.ZodType>(type: T) {
  return z.union([z.literal('auto'), type]);
}

/** A value that opens doors: never printed. `writeOnly` is JSON Schema's own word for it. */
export function secret<T extends z.ZodType>(type: T): T {
  return type.meta({ writeOnly: true });
}
