import type { Row } from '../row.ts';
import { inTurns, spread, timeProcess } from '../timing.ts';
import { CLI, inWorkspace } from '../workspace.ts';

/** Four no-op steps, the whole command. Its budget (6 × bare) belongs to the work on processes. */
export function hello(): Promise<Row[]> {
  return inWorkspace(async (dir) => {
    const [own, bare] = await inTurns(7, [
      async () => (await timeProcess([CLI, 'run', 'hello.ts'], dir)).wallMs,
      async () => (await timeProcess(['-e', '0'], dir)).wallMs,
    ]);
    if (own === undefined || bare === undefined) return [];
    const note = `${spread(own)}, bare ${spread(bare)}`;
    return [{ id: 'hello', value: own.medianMs / bare.medianMs, unit: '× bare', note }];
  });
}
