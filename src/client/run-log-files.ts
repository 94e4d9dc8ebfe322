import { dirname, join } from 'node:path';
import type { LogFilesOf } from '../journal/log-files.ts';
import { readEventAt, scanJournal } from '../journal/read.ts';
import { listLogFiles } from '../journal/read-logs.ts';
import { isFlowError } from '../model/errors.ts';
import { type RunId, type TaskPath, taskPath } from '../model/ids.ts';

/** The log files of a run's tasks. A task that was taken over keeps its logs in the run where it ran. */
export async function listRunLogFiles(dir: string): Promise<LogFilesOf[]> {
  const files = await listLogFiles(dir);
  for (const [origin, tasks] of clonesByOrigin(dir)) {
    const linked = await listLogFiles(join(dirname(dir), origin));
    files.push(...linked.filter((of) => tasks.has(taskPath(of))));
  }
  return files;
}

function clonesByOrigin(dir: string): ReadonlyMap<RunId, ReadonlySet<TaskPath>> {
  const clones = new Map<RunId, Set<TaskPath>>();
  if (!isResumed(dir)) return clones;
  for (const { event } of scanJournal(dir)) {
    if (event?.type !== 'task.cloned') continue;
    const tasks = clones.get(event.origin) ?? new Set();
    clones.set(event.origin, tasks.add(taskPath(event)));
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
