import type { RunOptions } from '../model/events.ts';
import { type MachineCapacity, machineCapacity } from './machine-capacity.ts';

/** What a run does where nobody says otherwise. `maxWorkers` is the number of cores. */
export function defaultRunOptions(): RunOptions & MachineCapacity {
  return {
    ...machineCapacity(),
    maxSplits: 1_000_000,
    onFailure: 'finish',
    durability: 'process',
    graceMs: 5_000,
  };
}
