import { atMost, type Row } from '../row.ts';
import { compare, noteOf, timeProcess } from '../timing.ts';
import { CLI } from '../workspace.ts';

export async function version(): Promise<Row[]> {
  const pair = await compare(
    15,
    async () => (await timeProcess([CLI, '--version'], '.')).wallMs,
    async () => (await timeProcess(['-e', '0'], '.')).wallMs,
  );
  const value = pair.own.medianMs / pair.bare.medianMs;
  const row = { id: 'version', value, unit: '× bare', budget: 1.6, note: noteOf(pair) };
  return [atMost(row, pair.isSteady)];
}
