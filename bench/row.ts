/** One line of the table, and of `--json`. */
export interface Row {
  readonly id: string;
  /** A ratio or a figure, see `unit`. */
  readonly value: number;
  readonly unit: string;
  /** Absent for figures that are printed, not judged. */
  readonly budget?: number;
  /** Undefined where there is no budget, or where the machine was too restless to tell. */
  readonly ok?: boolean;
  readonly note?: string;
}

type Judged = Omit<Row, 'ok'> & { readonly budget: number };

/** A row that must not exceed its budget. A machine too restless to measure on proves nothing. */
export function atMost(row: Judged, isSteady = true): Row {
  return isSteady ? { ...row, ok: row.value <= row.budget } : row;
}

/** A row that must reach its budget. */
export function atLeast(row: Judged, isSteady = true): Row {
  return isSteady ? { ...row, ok: row.value >= row.budget } : row;
}
