/** The known name nearest to a mistyped one, if it is near enough to be what was meant. */
export function suggestName(typed: string, known: Iterable<string>): string | undefined {
  const limit = Math.max(1, Math.floor(typed.length / 3));
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of known) {
    const distance = editDistance(typed.toLowerCase(), name.toLowerCase());
    if (distance <= limit && (best === undefined || distance < best.distance)) {
      best = { name, distance };
    }
  }
  return best?.name;
}

/** `did you mean "x"?` or undefined, ready to be a hint. */
export function didYouMean(typed: string, known: Iterable<string>): string | undefined {
  const name = suggestName(typed, known);
  return name === undefined ? undefined : `did you mean "${name}"?`;
}

/** Optimal string alignment: insert, delete, replace, or swap two neighbours. */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? 0;
  for (let row = 1; row <= a.length; row += 1) {
    rows.push([row]);
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = at(row - 1, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const best = Math.min(at(row - 1, column) + 1, at(row, column - 1) + 1, replaced);
      const swap = isSwap(a, b, { row, column }) ? at(row - 2, column - 2) + 1 : best;
      rows[row]?.push(Math.min(best, swap));
    }
  }
  return at(a.length, b.length);
}

function isSwap(a: string, b: string, { row, column }: { row: number; column: number }): boolean {
  return row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
}
