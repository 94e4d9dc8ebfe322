import type { Json } from '../base/json.ts';
import { FlowError } from '../model/errors.ts';

/** The value of a parameter as JSON. Throws FlowError `PARAMETER_INVALID` where that would lose or change a part. */
export function jsonOf(name: string, value: unknown): Json {
  const foreign = foreignPart(value, name);
  if (foreign === undefined) {
    const plain: Json = JSON.parse(JSON.stringify(value));
    return plain;
  }
  throw new FlowError(`The parameter ${foreign} cannot be given: it is no JSON value.`, {
    code: 'PARAMETER_INVALID',
    hint: 'give texts, numbers, booleans, dates, lists and plain objects of these',
  });
}

/** The path to the first part that JSON would lose or change, if there is one. */
function foreignPart(value: unknown, path: string): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : path;
  if (typeof value !== 'object') return path;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? path : undefined;
  if (Array.isArray(value)) {
    return firstOf(value.map((item: unknown, index) => [`${path}[${index}]`, item] as const));
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return path;
  return firstOf(Object.entries(value).map(([key, item]) => [`${path}.${key}`, item] as const));
}

function firstOf(parts: readonly (readonly [path: string, value: unknown])[]): string | undefined {
  for (const [path, value] of parts) {
    const found = value === undefined ? undefined : foreignPart(value, path);
    if (found !== undefined) return found;
  }
  return undefined;
}
