import type { ConcurrencyLimit } from './definition.ts';

export interface LimitConflict {
  readonly limit: string;
  /** Where the name is given first, and where with another count. */
  readonly first: { readonly step: string; readonly count: number };
  readonly other: { readonly step: string; readonly count: number };
}

interface LimitedStep {
  readonly name: string;
  readonly policy: { readonly limits?: readonly ConcurrencyLimit[] };
}

/** Shared limits that steps give different counts to. */
export function limitConflicts(steps: readonly LimitedStep[]): readonly LimitConflict[] {
  const known = new Map<string, LimitConflict['first']>();
  const conflicts: LimitConflict[] = [];
  for (const { name: step, policy } of steps) {
    for (const { name: limit, count } of policy.limits ?? []) {
      if (limit === undefined) continue;
      const first = known.get(limit);
      if (first === undefined) known.set(limit, { step, count });
      else if (first.count !== count) conflicts.push({ limit, first, other: { step, count } });
    }
  }
  return conflicts;
}

export function describeLimitConflict({ limit, first, other }: LimitConflict): string {
  return `the limit "${limit}" is ${first.count} in the step "${first.step}" and ${other.count} in "${other.step}"`;
}
