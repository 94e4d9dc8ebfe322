import { availableParallelism } from 'node:os';
import type { RunOptions } from '../model/events.ts';
import type { GivenOptions } from './given-options.ts';

const DEFAULT_MAX_SPLITS = 1_000_000;
const DEFAULT_GRACE_MS = 5_000;

/** The options that are recorded with the run. */
export function readRunOptions(options: GivenOptions): RunOptions {
  return {
    maxWorkers: options.count('max-workers') ?? availableParallelism(),
    maxSplits: options.count('max-splits') ?? DEFAULT_MAX_SPLITS,
    onFailure: options.choice('on-failure', ['finish', 'kill', 'continue']) ?? 'finish',
    durability: options.choice('durability', ['process', 'power']) ?? 'process',
    graceMs: options.durationMs('grace') ?? DEFAULT_GRACE_MS,
  };
}
