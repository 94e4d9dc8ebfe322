import { didYouMean } from '../../base/suggest.ts';
import { type Reading, read, refuse, show } from './parameter.ts';

/** A kind whose values are written as one word: how its text reads, and which values it has. */
export interface Scalar {
  readonly readText: (text: string) => Reading;
  readonly readValue: (value: unknown) => Reading;
}

export interface Range {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

const WHOLE = /^[+-]?\d+$/;
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const DATE = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/;
const BOOLEANS = new Map([
  ['true', true],
  ['yes', true],
  ['on', true],
  ['1', true],
  ['false', false],
  ['no', false],
  ['off', false],
  ['0', false],
]);

export function wholeNumber(range: Range = {}): Scalar {
  const readValue = (value: unknown): Reading =>
    typeof value === 'number' && Number.isSafeInteger(value)
      ? inRange(value, range)
      : refuse(`${show(value)} is not a whole number`, 'whole numbers go up to 2^53 - 1');
  return {
    readValue,
    readText: (text) =>
      WHOLE.test(text.trim()) && Number.isSafeInteger(Number(text))
        ? readValue(withoutNegativeZero(Number(text)))
        : refuse(`${show(text)} is not a whole number`),
  };
}

export function decimalNumber(range: Range = {}): Scalar {
  const readValue = (value: unknown): Reading =>
    typeof value === 'number' && Number.isFinite(value)
      ? inRange(value, range)
      : refuse(`${show(value)} is not a number`);
  return {
    readValue,
    readText: (text) =>
      DECIMAL.test(text.trim()) ? readValue(Number(text)) : refuse(`${show(text)} is not a number`),
  };
}

export const STRING: Scalar = {
  readText: read,
  readValue: (value) =>
    typeof value === 'string' ? read(value) : refuse(`${show(value)} is not a string`),
};

export const BOOLEAN: Scalar = {
  readText: (text) => {
    const value = BOOLEANS.get(text.trim().toLowerCase());
    return value === undefined
      ? refuse(
          `${show(text)} is neither true nor false`,
          'write true, false, yes, no, on, off, 1 or 0',
        )
      : read(value);
  },
  readValue: (value) =>
    typeof value === 'boolean' ? read(value) : refuse(`${show(value)} is neither true nor false`),
};

/** Text without a time is midnight UTC; a time without a zone is UTC too, so that runs agree anywhere. */
export const DATE_TIME: Scalar = {
  readText: readDateText,
  readValue: (value) => {
    if (typeof value === 'string') return readDateText(value);
    return value instanceof Date && !Number.isNaN(value.getTime())
      ? read(new Date(value))
      : refuse(`${show(value)} is not a date`);
  },
};

export function choice(choices: readonly string[]): Scalar {
  const readText = (text: string): Reading => {
    if (choices.includes(text)) return read(text);
    const meant = didYouMean(text, choices);
    return refuse(`${show(text)} is not one of ${choices.join(', ')}`, meant);
  };
  return {
    readText,
    readValue: (value) =>
      typeof value === 'string'
        ? readText(value)
        : refuse(`${show(value)} is not one of ${choices.join(', ')}`),
  };
}

export const JSON_VALUE: Scalar = {
  readText: (text) => {
    try {
      return read(JSON.parse(text));
    } catch {
      return refuse(
        `${show(text)} is not JSON`,
        'strings need double quotes, inside the quotes of the shell',
      );
    }
  },
  readValue: read,
};

function readDateText(text: string): Reading {
  const match = DATE.exec(text.trim());
  const hint = 'write 2026-01-31 or 2026-01-31T12:00:00Z';
  if (match === null) return refuse(`${show(text)} is not a date`, hint);
  const isZoned = match[1] === undefined || match[4] !== undefined;
  const date = new Date(`${match[0].replace(' ', 'T')}${isZoned ? '' : 'Z'}`);
  // The engine takes 31 February for 3 March.
  const isReal = !Number.isNaN(date.getTime()) && isRealDay(match[0].slice(0, 10));
  return isReal ? read(date) : refuse(`${show(text)} is not a date of the calendar`, hint);
}

function isRealDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}

function inRange(value: number, { min, max }: Range): Reading {
  if (min !== undefined && value < min) return refuse(`${value} is less than ${min}`);
  if (max !== undefined && value > max) return refuse(`${value} is more than ${max}`);
  return read(value);
}

function withoutNegativeZero(value: number): number {
  return value === 0 ? 0 : value;
}
