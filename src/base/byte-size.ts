const UNITS = new Map([
  ['b', 1],
  ['kb', 1e3],
  ['mb', 1e6],
  ['gb', 1e9],
  ['tb', 1e12],
  ['kib', 2 ** 10],
  ['mib', 2 ** 20],
  ['gib', 2 ** 30],
  ['tib', 2 ** 40],
]);

/** Whole bytes above 0 of a number or of text such as `'512 MB'`; undefined if it is neither. */
export function parseBytes(size: number | string): number | undefined {
  const bytes = typeof size === 'number' ? size : parseText(size);
  return bytes !== undefined && Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined;
}

function parseText(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?i?b)$/i.exec(text.trim());
  if (match === null) return undefined;
  const unit = UNITS.get((match[2] ?? '').toLowerCase());
  return unit === undefined ? undefined : Math.round(Number(match[1]) * unit);
}

const DECIMAL = ['kB', 'MB', 'GB', 'TB'];

/** `512 MB`, `1.5 GB`: in the units in which people give limits. */
export function formatMemory(bytes: number): string {
  if (bytes < 1e3) return `${bytes} bytes`;
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), DECIMAL.length);
  const value = bytes / 1e3 ** power;
  return `${value >= 100 ? Math.round(value) : Number(value.toFixed(1))} ${DECIMAL[power - 1] ?? ''}`;
}
