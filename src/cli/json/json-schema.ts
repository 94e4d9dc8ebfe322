/** The part of JSON Schema (2020-12) that describes what commands print. */
export type JsonSchema =
  | Described<{ readonly type: 'string'; readonly enum?: readonly string[] }>
  | Described<{ readonly type: 'integer' | 'number' | 'boolean' | 'null' }>
  | Described<{ readonly type: 'array'; readonly items: JsonSchema }>
  | Described<ObjectSchema>
  | Described<{ readonly anyOf: readonly JsonSchema[] }>
  | Described<{ readonly $ref: `#/$defs/${string}` }>
  /** Any value. */
  | Described<object>;

export interface ObjectSchema {
  readonly type: 'object';
  readonly properties: { readonly [name: string]: JsonSchema };
  readonly required: readonly string[];
  /** What may be under other names. */
  readonly additionalProperties: JsonSchema | false;
}

type Described<S> = S & { readonly description?: string };

export const text = (description: string) => ({ type: 'string', description }) as const;

export const oneOf = (words: readonly string[], description: string) =>
  ({ type: 'string', enum: words, description }) as const;

export const whole = (description: string) => ({ type: 'integer', description }) as const;

export const number = (description: string) => ({ type: 'number', description }) as const;

export const truth = (description: string) => ({ type: 'boolean', description }) as const;

export const any = (description: string) => ({ description });

export const list = (items: JsonSchema, description: string) =>
  ({ type: 'array', items, description }) as const;

/** A value, or null where there is none. */
export const orNull = (schema: JsonSchema): JsonSchema => ({
  anyOf: [schema, { type: 'null' }],
  ...(schema.description === undefined ? {} : { description: schema.description }),
});

/** One of the definitions that outputs share. */
export const part = (name: string, description: string): JsonSchema => ({
  $ref: `#/$defs/${name}`,
  description,
});

/** Values by names that the user chose. */
export const byName = (values: JsonSchema, description: string): JsonSchema => ({
  type: 'object',
  properties: {},
  required: [],
  additionalProperties: values,
  description,
});

/** Exactly these fields; of `optional` some may be absent. */
export function fields(
  required: { readonly [name: string]: JsonSchema },
  optional: { readonly [name: string]: JsonSchema } = {},
): ObjectSchema {
  return {
    type: 'object',
    properties: { ...required, ...optional },
    required: Object.keys(required),
    additionalProperties: false,
  };
}
