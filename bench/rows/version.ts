import { atMost, type Row } from '../row.ts';
import { inTurns, spread, timeProcess } from '../timing.ts';
import { CLI } from '../workspace.ts';

export async function version(): Promise<Row[]> {
  const [own, bare] = await inTurns(15, [
    async () => (await timeProcess([CLI, '--version'], '.')).wallMs,
    async () => (await timeProcess(['-e', '0'], '.')).wallMs,
  ]);
  if (own === undefined || bare === undefined) return [];
  const note = `${spread(own)}, bare ${spread(bare)}`;
  return [
    atMost({
      id: 'version',
      value: own.medianMs / bare.medianMs,
      unit: '× bare',
      budget: 1.6,
      note,
    }),
  ];
}
