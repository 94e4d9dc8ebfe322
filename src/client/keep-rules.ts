import type { Client } from './client.ts';
import type { RunSummary } from './run-summary.ts';

/** Each rule keeps runs; a run that none of them keeps may go. Without any rule all are kept. */
export interface KeepRules {
  /** So many of each flow, the latest. */
  readonly last?: number;
  /** Milliseconds since the epoch. */
  readonly startedAfter?: number;
  readonly tags?: readonly string[];
}

/** Newest first. Runs that go on, may go on elsewhere, or are being resumed are not among them. */
export async function findUnkeptRuns(client: Client, rules: KeepRules): Promise<RunSummary[]> {
  if (Object.keys(rules).length === 0) return [];
  const runs = await client.runs();
  const inUse = new Set(runs.filter(isAlive).map(({ origin }) => origin));
  const seen = new Map<string, number>();
  return runs.filter((run) => {
    const rank = seen.get(run.flow) ?? 0;
    seen.set(run.flow, rank + 1);
    return !isAlive(run) && !inUse.has(run.run) && !isKept(run, rank, rules);
  });
}

function isKept(run: RunSummary, rank: number, { last, startedAfter, tags }: KeepRules): boolean {
  return (
    (last !== undefined && rank < last) ||
    (startedAfter !== undefined && run.startedAt > startedAfter) ||
    (tags !== undefined && tags.some((tag) => run.tags.includes(tag)))
  );
}

/** Still written by somebody, as far as we can tell. */
export function isAlive({ status }: RunSummary): boolean {
  return status === 'running' || status === 'unknown';
}
