import { type Form, form } from './form.ts';

/**
 * Errors keep their built-in class, name, message, cause, `errors` and own fields. The stack is left
 * out: it tells where, not what, so two equal errors would give different bytes.
 */
const ERROR_CLASSES = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  AggregateError,
} as const;

type ErrorClassName = keyof typeof ERROR_CLASSES;

/** What may lead to other errors, and back. */
const LINKS = ['cause', 'errors'] as const;

const OWN_PARTS = new Set<string>(['name', 'message', 'stack', ...LINKS]);

export function describeError(error: Error): Form {
  const fields = Object.entries(error).filter(([key]) => !OWN_PARTS.has(key));
  const links = LINKS.filter((name) => Object.hasOwn(error, name));
  return form('Error', {
    raw: [classNameOf(error), error.name, error.message, links],
    inner: [Object.fromEntries(fields), ...links.map((name): unknown => Reflect.get(error, name))],
    label: (at) => links[at - 1] ?? { text: '' },
  });
}

/** The error without what may lead back to it: that comes with `completeError`. */
export function makeError(className: string, name: string, message: string): Error {
  const error = constructError(className, message);
  if (error.name !== name) defineHidden(error, 'name', name);
  defineHidden(error, 'stack', message === '' ? name : `${name}: ${message}`);
  return error;
}

export interface ErrorParts {
  readonly fields: object;
  readonly links: readonly (readonly [name: string, value: unknown])[];
}

export function completeError(error: Error, { fields, links }: ErrorParts): void {
  for (const [name, value] of Object.entries(fields)) {
    Object.defineProperty(error, name, { value, ...OPEN, enumerable: true });
  }
  for (const [name, value] of links) defineHidden(error, name, value);
}

function constructError(className: string, message: string): Error {
  if (!isErrorClass(className)) return new Error(message);
  if (className !== 'AggregateError') return new ERROR_CLASSES[className](message);
  const error = new AggregateError([], message);
  Reflect.deleteProperty(error, 'errors');
  return error;
}

function classNameOf(error: Error): ErrorClassName {
  for (const [name, errorClass] of Object.entries(ERROR_CLASSES)) {
    if (isErrorClass(name) && name !== 'Error' && error instanceof errorClass) return name;
  }
  return 'Error';
}

function isErrorClass(name: string): name is ErrorClassName {
  return Object.hasOwn(ERROR_CLASSES, name);
}

const OPEN = { writable: true, configurable: true } as const;

function defineHidden(error: Error, name: string, value: unknown): void {
  Object.defineProperty(error, name, { value, ...OPEN, enumerable: false });
}
