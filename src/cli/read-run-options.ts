import type { RunOptions } from '../model/events.ts';
import { ISOLATIONS } from '../model/isolation.ts';
import type { MachineCapacity } from '../runtime/machine-capacity.ts';
import { defaultRunOptions } from '../runtime/run-defaults.ts';
import type { GivenOptions } from './given-options.ts';

/** The options that are recorded with the run. */
export function readRunOptions(options: GivenOptions): RunOptions {
  const byDefault = defaultRunOptions();
  return {
    ...readCapacity(options, byDefault),
    maxSplits: options.count('max-splits') ?? byDefault.maxSplits,
    maxIterations: options.count('max-iterations') ?? byDefault.maxIterations,
    onFailure: options.choice('on-failure', ['finish', 'kill', 'continue']) ?? byDefault.onFailure,
    durability: options.choice('durability', ['process', 'power']) ?? byDefault.durability,
    isolation: options.choice('isolation', ISOLATIONS) ?? byDefault.isolation,
    spares: options.isOn('spares') ?? byDefault.spares,
    graceMs: options.durationMs('grace') ?? byDefault.graceMs,
    ...readLimits(options),
  };
}

/** Recorded only where they are given. */
function readLimits(options: GivenOptions): Pick<RunOptions, 'maxLogBytes' | 'loadTimeoutMs'> {
  const maxLogBytes = options.bytes('max-log-size');
  const loadTimeoutMs = options.durationMs('load-timeout');
  return {
    ...(maxLogBytes === undefined ? {} : { maxLogBytes }),
    ...(loadTimeoutMs === undefined ? {} : { loadTimeoutMs }),
  };
}

function readCapacity(options: GivenOptions, byDefault: MachineCapacity): MachineCapacity {
  return {
    maxWorkers: options.count('max-workers') ?? byDefault.maxWorkers,
    maxIo: options.count('max-io') ?? byDefault.maxIo,
    maxMemoryBytes: options.bytes('max-memory') ?? byDefault.maxMemoryBytes,
    maxGpus: options.count('max-gpu') ?? byDefault.maxGpus,
  };
}
