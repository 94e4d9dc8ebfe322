import type { RunOptions } from '../model/events.ts';
import { type MachineCapacity, machineCapacity } from './machine-capacity.ts';
import { DEFAULT_MAX_ITERATIONS } from './scheduler/check-rounds.ts';

/** What a run does where nobody says otherwise. `maxWorkers` is the number of cores. */
export function defaultRunOptions(): RunOptions &
  MachineCapacity &
  Required<Pick<RunOptions, 'spares' | 'isolation'>> {
  return {
    ...machineCapacity(),
    maxSplits: 1_000_000,
    maxIterations: DEFAULT_MAX_ITERATIONS,
    onFailure: 'finish',
    durability: 'process',
    isolation: 'process',
    spares: true,
    graceMs: 5_000,
  };
}
