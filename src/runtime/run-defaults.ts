import { availableParallelism } from 'node:os';
import type { RunOptions } from '../model/events.ts';

/** What a run does where nobody says otherwise. `maxWorkers` is the number of cores. */
export function defaultRunOptions(): RunOptions {
  return {
    maxWorkers: availableParallelism(),
    maxSplits: 1_000_000,
    onFailure: 'finish',
    durability: 'process',
    graceMs: 5_000,
  };
}
