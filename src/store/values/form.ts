import type { PathStep } from './path.ts';

/**
 * How a value that CBOR has no word for is said: a name, then its raw parts (strings, numbers and
 * bytes, written as they are), then its inner parts (values in their own right, which may need forms
 * themselves or be shared).
 */
export interface Form {
  readonly name: FormName;
  readonly raw: readonly unknown[];
  readonly inner: readonly unknown[];
  /** How an inner part is reached, for messages. */
  label(index: number): PathStep;
}

export type FormName =
  | 'number'
  | 'bigint'
  | 'string'
  | 'boxed'
  | 'array'
  | 'object'
  | 'Date'
  | 'RegExp'
  | 'URL'
  | 'Map'
  | 'Set'
  | 'Error'
  | 'bytes'
  | 'codec'
  /** Id and value, where a value that occurs more than once is met first. */
  | 'shared'
  /** The id, where it is met again. */
  | 'again';

const NOWHERE: PathStep = { text: '' };

export function form(name: FormName, parts: Partial<Omit<Form, 'name'>>): Form {
  return { name, raw: [], inner: [], label: () => NOWHERE, ...parts };
}
