import { expect } from 'vitest';
import type { Outing } from '../outing.ts';

/** Compares these fields of every task with what the oracle says. */
export async function expectFieldsOfAll(outing: Outing, names: readonly string[]): Promise<void> {
  expect(outing.ran.code, outing.ran.transcript).toBe(0);
  for (const path of outing.tasks.keys()) {
    expect(await outing.left(path, names), path).toStrictEqual(outing.expected(path, names));
  }
}
