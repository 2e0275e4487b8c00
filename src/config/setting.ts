import { z } from 'zod';

type Shape = Readonly<Record<string, z.ZodType>>;

/** One value of the configuration: its type, its default as people write it, and what it does. */
export function setting<T extends z.ZodType>(type: T, byDefault: z.input<T>, description: string) {
  return type.prefault(byDefault as never).describe(description);
}

/** A value that is only set where somebody sets it. */
export function choice<T extends z.ZodType>(type: T, description: string) {
  return type.optional().describe(description);
}

/** A group of settings; unknown names in it are errors. */
export function group<S extends Shape>(description: string, shape: S) {
  return z
    .strictObject(shape)
    .prefault({} as never)
    .describe(description);
}

type Override<T> =
  T extends z.ZodPrefault<infer Inner extends z.ZodType>
    ? z.ZodOptional<Inner extends z.ZodObject<infer S> ? z.ZodObject<Overrides<S>, z.core.$strict> : Inner>
    : T;
type Overrides<S> = { -readonly [Name in keyof S]: Override<S[Name]> };

/** The same settings without their defaults, all the way down, for a place that changes only some of them. */
export function overrides<S extends Shape>(description: string, shape: S) {
  return z.strictObject(bare(shape)).optional().describe(description);
}

function bare<S extends Shape>(shape: S): Overrides<S> {
  const types = Object.entries(shape).map(([name, type]) => [name, withoutDefault(type)]);
  return Object.fromEntries(types);
}

function withoutDefault(type: z.ZodType): z.ZodType {
  if (!(type instanceof z.ZodPrefault)) return type;
  const inner = type.unwrap();
  const optional = (inner instanceof z.ZodObject ? z.strictObject(bare(inner.shape)) : (inner as z.ZodType)).optional();
  return optional.describe(type.description ?? '');
}
