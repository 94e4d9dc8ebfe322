import type { Json } from '../base/json.ts';

/** Any artifact as JSON, for programs that read `--json`: what JSON lacks becomes text or a tagged object. */
export function plainJson(value: unknown): Json {
  return convert(value, new Set());
}

function convert(value: unknown, open: ReadonlySet<unknown>): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'object':
      return value === null ? null : convertObject(value, open);
    case 'undefined':
      return null;
    case 'bigint':
    case 'symbol':
    case 'function':
      return String(value);
  }
}

function convertObject(value: object, open: ReadonlySet<unknown>): Json {
  if (open.has(value)) return '[Circular]';
  const inside = new Set([...open, value]);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof RegExp || value instanceof URL) return String(value);
  if (Array.isArray(value)) return Array.from(value, (item) => convert(item, inside));
  if (value instanceof Map) {
    return { type: 'Map', entries: [...value].map((entry) => convert(entry, inside)) };
  }
  if (value instanceof Set) {
    return { type: 'Set', values: [...value].map((item) => convert(item, inside)) };
  }
  if (value instanceof Error) {
    const { name, message, cause } = value;
    return { type: 'Error', name, message, cause: convert(cause, inside) };
  }
  return convertBytes(value) ?? convertFields(value, inside);
}

function convertBytes(value: object): Json | undefined {
  if (value instanceof ArrayBuffer) {
    return { type: 'ArrayBuffer', base64: Buffer.from(value).toString('base64') };
  }
  if (!ArrayBuffer.isView(value)) return undefined;
  const type = value.constructor.name;
  const { buffer, byteOffset, byteLength } = value;
  return { type, base64: Buffer.from(buffer, byteOffset, byteLength).toString('base64') };
}

/** A null prototype, since the keys come from outside. */
function convertFields(value: object, open: ReadonlySet<unknown>): Json {
  const fields: { [key: string]: Json } = Object.create(null);
  for (const [key, item] of Object.entries(value)) fields[key] = convert(item, open);
  return fields;
}
