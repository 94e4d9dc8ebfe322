import { dirname, join } from 'node:path';
import type { LogFilesOf } from '../journal/log-files.ts';
import { readEventAt, scanJournal } from '../journal/read.ts';
import { listLogFiles } from '../journal/read-logs.ts';
import { isFlowError } from '../model/errors.ts';
import { type Position, type RunId, type TaskPath, taskPath } from '../model/ids.ts';

export interface AttemptLogs {
  readonly files: LogFilesOf;
  /** The attempt as this run names it. */
  readonly of: Omit<LogFilesOf, 'dir'>;
}

/** The log files of a run's tasks. A task that was taken over keeps its logs in the run where it ran. */
export async function listRunLogFiles(dir: string): Promise<AttemptLogs[]> {
  const own = await listLogFiles(dir);
  const logs: AttemptLogs[] = own.map((files) => ({ files, of: files }));
  for (const [origin, positions] of clonesByOrigin(dir)) {
    for (const files of await listLogFiles(join(dirname(dir), origin))) {
      const position = positions.get(taskPath(files));
      if (position !== undefined) logs.push({ files, of: { ...files, position } });
    }
  }
  return logs;
}

/** By the run where they ran: their names there, and where they stand here. */
function clonesByOrigin(dir: string): ReadonlyMap<RunId, ReadonlyMap<TaskPath, Position>> {
  const clones = new Map<RunId, Map<TaskPath, Position>>();
  if (!isResumed(dir)) return clones;
  for (const { event } of scanJournal(dir)) {
    if (event?.type !== 'task.cloned') continue;
    const { step, position, origin, originPosition = position } = event;
    const positions = clones.get(origin) ?? new Map<TaskPath, Position>();
    clones.set(origin, positions.set(taskPath({ step, position: originPosition }), position));
  }
  return clones;
}

function isResumed(dir: string): boolean {
  try {
    const first = readEventAt(dir, 0);
    return first?.type === 'run.started' && first.origin !== undefined;
  } catch (error) {
    if (isFlowError(error) && error.code === 'JOURNAL_MISSING') return false;
    throw error;
  }
}
