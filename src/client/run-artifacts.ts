import { type RunIndex, readRunIndex } from '../journal/index-file.ts';
import { readEventAt } from '../journal/read.ts';
import type { ArtifactTable } from '../model/artifact.ts';
import type { FlowEvent } from '../model/events.ts';
import type { FlowGraph } from '../model/graph.ts';
import { type TaskId, type TaskPath, taskPath } from '../model/ids.ts';
import { extendScope, flatten } from '../model/lineage.ts';
import { openedBy, type RecordedResult, resultsOf } from '../model/recorded-result.ts';
import { RunLineage, type TaskRecords } from '../model/run-lineage.ts';
import type { RunView } from '../model/run-view.ts';

/** The artifacts of a task that ended well, through the index: a few lines of the journal are read. */
export function artifactsByIndex(
  dir: string,
  graph: FlowGraph,
  task: TaskId,
): ArtifactTable | undefined {
  const index = readRunIndex(dir);
  if (index?.offsetOf(task) === undefined) return undefined;
  return flatten(new RunLineage(graph, indexedRecords(dir, index)).scopeOf(task));
}

/** The artifacts of any task, from the whole run. A task that failed shows what its last attempt set. */
export function artifactsByView(view: RunView, graph: FlowGraph, task: TaskId): ArtifactTable {
  const lineage = new RunLineage(graph, viewedRecords(view));
  const own = view.tasks.get(taskPath(task));
  if (own?.result !== undefined) return flatten(lineage.scopeOf(task));
  return flatten(extendScope(lineage.startOf(task), own?.attempts.at(-1)?.changes ?? {}));
}

function indexedRecords(dir: string, index: RunIndex): TaskRecords {
  const read = new Map<string, RecordedResult | undefined>();
  const resultAt = (task: TaskId): RecordedResult | undefined => {
    const path = taskPath(task);
    if (!read.has(path)) {
      const offset = index.offsetOf(task);
      const event = offset === undefined ? undefined : readEventAt(dir, offset);
      read.set(path, event === undefined ? undefined : resultSoFar(event, path));
    }
    return read.get(path);
  };
  return {
    changesOf: (task) => resultAt(task)?.changes,
    transitionOf: (task) => resultAt(task)?.transition,
    droppedAt: (join) => index.droppedAt(join),
  };
}

function resultSoFar(event: FlowEvent, path: TaskPath): RecordedResult | undefined {
  if (event.type === 'foreach.opened') return openedBy(event);
  return resultsOf(event).find(({ task }) => taskPath(task) === path);
}

function viewedRecords(view: RunView): TaskRecords {
  const resultOfTask = (id: TaskId) => {
    const task = view.tasks.get(taskPath(id));
    return task?.result ?? task?.opened;
  };
  return {
    changesOf: (task) => resultOfTask(task)?.changes,
    transitionOf: (task) => resultOfTask(task)?.transition,
  };
}
