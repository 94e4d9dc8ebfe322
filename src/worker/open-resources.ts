import { streamsInUse } from './sync-output.ts';

/** Node's name for what stdout and stderr of a child are. */
const PIPE = 'PipeWrap';

/** What keeps this process alive, by type: timers, requests, servers, children; not its own output. */
export function countOpenResources(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const type of process.getActiveResourcesInfo())
    counts.set(type, (counts.get(type) ?? 0) + 1);
  // Who prints opens its pipe, once and for all tasks to come.
  counts.set(PIPE, (counts.get(PIPE) ?? 0) - streamsInUse());
  return counts;
}
