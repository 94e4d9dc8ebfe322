import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type Fallback, type Reading, read, refuse } from './parameter.ts';

/**
 * Schemas know nothing of command lines: `z.number()` refuses the text `5`. So the text is tried
 * first, then what it says as JSON.
 */
export async function readTextBySchema(schema: StandardSchemaV1, text: string): Promise<Reading> {
  const asText = await readBySchema(schema, text);
  if (asText.ok) return asText;
  const json = parseJson(text);
  return json === undefined ? asText : readBySchema(schema, json.value);
}

export async function readBySchema(schema: StandardSchemaV1, value: unknown): Promise<Reading> {
  return toReading(await schema['~standard'].validate(value));
}

/** For where nothing can be awaited. */
export function readBySchemaNow(schema: StandardSchemaV1, value: unknown): Reading {
  const result = schema['~standard'].validate(value);
  if (!(result instanceof Promise)) return toReading(result);
  result.catch(() => {});
  return refuse('its schema is asynchronous', 'use a schema that validates at once');
}

/** A schema that takes `undefined` brings its own default. Asynchronous ones are not asked. */
export function fallbackOfSchema(schema: StandardSchemaV1): Fallback {
  const result = schema['~standard'].validate(undefined);
  if (result instanceof Promise) {
    result.catch(() => {});
    return { kind: 'none' };
  }
  return result.issues === undefined ? { kind: 'value', value: undefined } : { kind: 'none' };
}

function toReading(result: StandardSchemaV1.Result<unknown>): Reading {
  if (result.issues === undefined) return read(result.value);
  return refuse(result.issues.map(describeIssue).join('; ') || 'the schema refuses it');
}

function describeIssue({ message, path }: StandardSchemaV1.Issue): string {
  if (path === undefined || path.length === 0) return message;
  const keys = path.map((part) => String(typeof part === 'object' ? part.key : part));
  return `${message} (at ${keys.join('.')})`;
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
