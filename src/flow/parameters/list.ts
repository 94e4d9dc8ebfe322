import { type Reading, read, refuse, show } from './parameter.ts';
import type { Scalar } from './scalar.ts';

export interface ListShape {
  readonly element: Scalar;
  readonly separator: string;
}

/** Elements of a text; all bad ones are named at once. An empty text is an empty list. */
export function readListText(text: string, { element, separator }: ListShape): Reading {
  if (text === '') return read([]);
  const parts = separator === '' ? [text] : text.split(separator);
  return gather(parts.map((part) => element.readText(part.trim())));
}

export function readListValue(value: unknown, { element }: ListShape): Reading {
  if (!Array.isArray(value)) return refuse(`${show(value)} is not a list`);
  return gather(value.map((item: unknown) => element.readValue(item)));
}

function gather(readings: readonly Reading[]): Reading {
  const values: unknown[] = [];
  const messages: string[] = [];
  for (const reading of readings) {
    if (reading.ok) values.push(reading.value);
    else messages.push(reading.message);
  }
  return messages.length === 0 ? read(values) : refuse(messages.join('; '));
}
