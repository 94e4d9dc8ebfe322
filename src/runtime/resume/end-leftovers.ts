import { readLiveness } from '../../journal/liveness.ts';
import { scanJournal } from '../../journal/read.ts';
import { FlowError } from '../../model/errors.ts';
import { taskPath } from '../../model/ids.ts';
import { taskEventsOf } from '../../model/task-events.ts';
import { endEarlierGroups, type SeenLeader } from '../../process/earlier-groups.ts';
import { endMarked } from '../../process/marked-processes.ts';

/**
 * Before a lost run is gone on from: ends its processes that may still be alive, because whatever
 * killed its scheduler killed its guard too. A run that is held elsewhere is never signalled.
 */
export async function endLeftovers(dir: string): Promise<void> {
  const liveness = readLiveness(dir);
  if (liveness.kind !== 'lost') return;
  if (liveness.mark === undefined || process.platform !== 'linux') {
    return endEarlierGroups(readLeaders(dir), Date.now());
  }
  const [pid] = await endMarked(liveness.mark);
  if (pid === undefined) return;
  throw new FlowError(`The process ${pid} of the lost run cannot be ended.`, {
    code: 'ORIGIN_ALIVE',
    hint: 'it hangs inside the system, or belongs to another user: end it, then resume again',
  });
}

function readLeaders(dir: string): readonly SeenLeader[] {
  const leaders = new Map<string, SeenLeader>();
  for (const { event } of scanJournal(dir)) {
    for (const one of event === undefined ? [] : taskEventsOf(event)) {
      const task = taskPath(one);
      if (one.type !== 'task.launched') leaders.delete(task);
      else if (one.pid !== undefined) leaders.set(task, { pid: one.pid, seenAtMs: one.at });
    }
  }
  return [...leaders.values()];
}
