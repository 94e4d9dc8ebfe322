import { formatMemory } from '../../base/byte-size.ts';
import { CPU_UNIT, type Need } from './demand.ts';

/** What gives a run more of it. */
const OPTIONS = {
  limit: 'the limit',
  gpu: '--max-gpu',
  memory: '--max-memory',
  io: '--max-io',
  cpu: '--max-workers',
} as const;

/** `4 CPU slots, and the run has 2 (--max-workers)`. */
export function describeNeed({ pool, amount }: Need): string {
  const { kind, capacity } = pool;
  switch (kind) {
    case 'cpu':
      return `${amount / CPU_UNIT} CPU slots, and the run has ${capacity / CPU_UNIT} (--max-workers)`;
    case 'memory':
      return `${formatMemory(amount)} of memory, and the run may use ${formatMemory(capacity)} (--max-memory)`;
    case 'gpu':
      return `${amount} ${amount === 1 ? 'GPU' : 'GPUs'}, and the run has ${capacity} (--max-gpu)`;
    case 'io':
      return `${amount === 1 ? 'an I/O slot' : `${amount} I/O slots`}, and the run has ${capacity} (--max-io)`;
    case 'limit':
      return `${amount === 1 ? 'a place' : `${amount} places`} in the limit "${pool.name ?? ''}", which has ${capacity}`;
  }
}

export function optionFor({ pool }: Need): string {
  return OPTIONS[pool.kind];
}
