import type { Json } from './json.ts';

/** JSON with object keys in code-unit order: the same value gives the same text, so it can be hashed. */
export function stableJson(value: Json): string {
  return JSON.stringify(sortKeys(value));
}

function sortKeys(value: Json): Json {
  if (value === null || typeof value !== 'object') return value;
  if (isList(value)) return value.map(sortKeys);
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sortKeys(item)]),
  );
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
