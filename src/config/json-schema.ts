import { z } from 'zod';
import { schema } from './schema.ts';

/** As much of JSON Schema as our own schema uses. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly writeOnly?: boolean;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

/** The configuration file's shape, for editors (`# yaml-language-server: $schema=…`) and for everything that walks the settings. */
export function configJsonSchema(): JsonSchema {
  return { title: 'Preface', ...z.toJSONSchema(schema, { io: 'input' }) } as JsonSchema;
}
