import { FlowError } from '../../model/errors.ts';

/** On instances (standard decorators) and on prototypes (legacy ones): the names of their fields. */
const TRANSIENT = Symbol.for('millrace.transient');

type Holder = object & { readonly [TRANSIENT]?: Set<string> };

/** The part of TC39's context that we read. */
interface FieldContext {
  readonly kind: 'field';
  readonly name: string | symbol;
  addInitializer(initializer: (this: object) => void): void;
}

/** A field decorator, in the standard and in the legacy call shape. */
export interface FieldDecorator {
  (value: undefined, context: FieldContext): void;
  (prototype: object, name: string | symbol): void;
}

/**
 * A field that is not kept: it is made anew in every task and never stored. For connections,
 * caches, and what cannot be encoded. With or without parentheses.
 *
 * @throws FlowError if it stands on anything but a field.
 * @example
 * ```ts
 * @transient client = new Client();
 * ```
 */
export function transient(): FieldDecorator;
export function transient(value: undefined, context: FieldContext): void;
export function transient(prototype: object, name: string | symbol): void;
export function transient(...call: readonly unknown[]): FieldDecorator | void {
  if (call.length === 0) return markField;
  markField(...call);
}

/** The transient fields of an instance, wherever in its class chain they were declared. */
export function transientFields(flow: Holder): ReadonlySet<string> {
  if (!(TRANSIENT in flow)) return NONE;
  const names = new Set<string>();
  for (let at: Holder | null = flow; at !== null; at = Object.getPrototypeOf(at)) {
    if (Object.hasOwn(at, TRANSIENT)) for (const name of at[TRANSIENT] ?? []) names.add(name);
  }
  return names;
}

const NONE: ReadonlySet<string> = new Set();

function markField(...[target, second]: readonly unknown[]): void {
  if (isFieldContext(second)) {
    const { name } = second;
    second.addInitializer(function (this: object) {
      addName(this, String(name));
    });
  } else if (typeof target === 'object' && target !== null && typeof second === 'string') {
    addName(target, second);
  } else {
    throw new FlowError('@transient stands on something that is not a field', {
      code: 'BAD_DECORATOR',
      hint: 'put @transient in front of a field of a flow; methods are never kept',
    });
  }
}

function addName(holder: Holder, name: string): void {
  if (!Object.hasOwn(holder, TRANSIENT)) {
    Object.defineProperty(holder, TRANSIENT, { value: new Set<string>(), configurable: true });
  }
  holder[TRANSIENT]?.add(name);
}

function isFieldContext(value: unknown): value is FieldContext {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'field';
}
