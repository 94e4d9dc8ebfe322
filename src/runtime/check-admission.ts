import { formatMemory } from '../base/byte-size.ts';
import { FlowError } from '../model/errors.ts';
import type { GraphNode } from '../model/graph.ts';
import { describeLimitConflict, limitConflicts } from '../model/limit-conflicts.ts';
import { type Capacity, CPU_UNIT, compileDemands, type Need } from './scheduler/demand.ts';

/**
 * Refuses what could never start, before anything does.
 *
 * @throws FlowError `TASK_NEVER_FITS` (a task that needs more than there is) or `LIMIT_CONFLICT`
 * (one name with two counts), each with all of them.
 */
export function checkAdmission(nodes: readonly GraphNode[], capacity: Capacity): void {
  const conflicts = limitConflicts(nodes);
  if (conflicts.length > 0) {
    throw new FlowError(conflicts.map(describeLimitConflict).join('; '), {
      code: 'LIMIT_CONFLICT',
      hint: 'give a limit the same count wherever it is named',
    });
  }
  const demands = compileDemands(nodes, capacity);
  const tooLarge = [...demands].flatMap(([step, demand]) =>
    demand.filter(({ pool, amount }) => amount > pool.capacity).map((need) => ({ step, need })),
  );
  const [first] = tooLarge;
  if (first === undefined) return;
  const messages = tooLarge.map(({ step, need }) => `"${step}" needs ${describeNeed(need)}`);
  throw new FlowError(`${messages.join('; ')}: it could never start.`, {
    code: 'TASK_NEVER_FITS',
    hint: `raise ${[...new Set(tooLarge.map(({ need }) => OPTIONS[need.pool.kind]))].join(' and ')}, or ask for less in @resources`,
  });
}

const OPTIONS = {
  limit: 'the limit',
  gpu: '--max-gpu',
  memory: '--max-memory',
  io: '--max-io',
  cpu: '--max-workers',
} as const;

function describeNeed({ pool, amount }: Need): string {
  const { kind, capacity } = pool;
  switch (kind) {
    case 'cpu':
      return `${amount / CPU_UNIT} CPU slots, and the run has ${capacity / CPU_UNIT} (--max-workers)`;
    case 'memory':
      return `${formatMemory(amount)} of memory, and the run may use ${formatMemory(capacity)} (--max-memory)`;
    case 'gpu':
      return `${amount} ${amount === 1 ? 'GPU' : 'GPUs'}, and the run has ${capacity} (--max-gpu)`;
    case 'io':
      return `an I/O slot, and the run has ${capacity} (--max-io)`;
    case 'limit':
      return `a place in the limit "${pool.name ?? ''}", which has ${capacity}`;
  }
}
