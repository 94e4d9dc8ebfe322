import { readdirSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';

export interface MachineCapacity {
  readonly maxWorkers: number;
  readonly maxIo: number;
  readonly maxMemoryBytes: number;
  readonly maxGpus: number;
}

/** What is left to the system and to Millrace itself. */
const SHARE_OF_MEMORY = 0.9;
const IO_PER_WORKER = 4;

/** What tasks may take of this machine, or of the container that this is. */
export function machineCapacity(): MachineCapacity {
  const maxWorkers = availableParallelism();
  return {
    maxWorkers,
    maxIo: Math.max(8, maxWorkers * IO_PER_WORKER),
    maxMemoryBytes: Math.floor(memoryBytes() * SHARE_OF_MEMORY),
    maxGpus: countGpus(),
  };
}

/** Outside a container the constraint is 0, absent, or larger than what there is. */
function memoryBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

/** As far as a device file tells; other machines say it with `--max-gpu`. */
function countGpus(): number {
  const visible = process.env['CUDA_VISIBLE_DEVICES'];
  if (visible !== undefined) return visible.split(',').filter((id) => /^(?!-)./.test(id)).length;
  try {
    return readdirSync('/dev').filter((name) => /^nvidia\d+$/.test(name)).length;
  } catch {
    return 0;
  }
}
