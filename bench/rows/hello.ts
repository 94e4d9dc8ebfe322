import { atMost, type Row } from '../row.ts';
import { compare, noteOf, timeProcess } from '../timing.ts';
import { CLI, inWorkspace } from '../workspace.ts';

/** Four no-op steps, the whole command. */
export function hello(): Promise<Row[]> {
  return inWorkspace(async (dir) => {
    const pair = await compare(
      7,
      async () => (await timeProcess([CLI, 'run', 'hello.ts'], dir)).wallMs,
      async () => (await timeProcess(['-e', '0'], dir)).wallMs,
    );
    const value = pair.own.medianMs / pair.bare.medianMs;
    const row = { id: 'hello', value, unit: '× bare', budget: 6, note: noteOf(pair) };
    return [atMost(row, pair.isSteady)];
  });
}
