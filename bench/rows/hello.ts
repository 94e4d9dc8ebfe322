import type { Row } from '../row.ts';
import { compare, noteOf, timeProcess } from '../timing.ts';
import { CLI, inWorkspace } from '../workspace.ts';

/** Four no-op steps, the whole command. Its budget (6 × bare) belongs to the work on processes. */
export function hello(): Promise<Row[]> {
  return inWorkspace(async (dir) => {
    const pair = await compare(
      7,
      async () => (await timeProcess([CLI, 'run', 'hello.ts'], dir)).wallMs,
      async () => (await timeProcess(['-e', '0'], dir)).wallMs,
    );
    const value = pair.own.medianMs / pair.bare.medianMs;
    return [{ id: 'hello', value, unit: '× bare', note: noteOf(pair) }];
  });
}
