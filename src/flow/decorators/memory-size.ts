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
export function parseMemoryBytes(memory: number | string): number | undefined {
  const bytes = typeof memory === 'number' ? memory : parseText(memory);
  return bytes !== undefined && Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined;
}

function parseText(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?i?b)$/i.exec(text.trim());
  if (match === null) return undefined;
  const unit = UNITS.get((match[2] ?? '').toLowerCase());
  return unit === undefined ? undefined : Math.round(Number(match[1]) * unit);
}
