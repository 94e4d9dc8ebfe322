import { statSync } from 'node:fs';
import type { FlowEvent } from '../model/events.ts';
import type { FlowGraph } from '../model/graph.ts';
import { type TaskId, type TaskPath, taskPath } from '../model/ids.ts';
import { openedBy, resultsOf } from '../model/recorded-result.ts';
import { RunLineage } from '../model/run-lineage.ts';
import type { TaskResult } from '../model/task.ts';
import { INDEX_FORMAT, type IndexFile, type StepIndex } from './index-file.ts';
import { journalPath, scanJournal } from './read.ts';

/** The names that a join does not inherit, since some input changed them. */
type DroppedAt = (join: TaskId) => readonly string[];

/** Puts the index of a run together, event by event: while they are written, or from the journal. */
export class RunIndexer {
  readonly #takesInputs: ReadonlySet<string>;
  readonly #droppedAt: DroppedAt;
  readonly #steps = new Map<string, StepIndex>();
  readonly #joins: [string, readonly string[]][] = [];
  /** Tasks whose items have begun, and that have not ended well yet. */
  readonly #opened = new Map<TaskPath, { readonly task: TaskId; readonly offset: number }>();

  constructor({ nodes }: FlowGraph, droppedAt: DroppedAt) {
    const joins = nodes.filter(({ takes }) => takes === 'inputs');
    this.#takesInputs = new Set(joins.map(({ name }) => name));
    this.#droppedAt = droppedAt;
  }

  /** Every event, in order, and where its line begins. Of a join, the inputs must be known by then. */
  add(event: FlowEvent, offset: number): void {
    if (event.type === 'foreach.opened') {
      const { task } = openedBy(event);
      this.#opened.set(taskPath(task), { task, offset });
    }
    if (event.type === 'task.launched') return;
    for (const { task } of resultsOf(event)) {
      this.#addTask(task, offset);
      if (this.#opened.size > 0) this.#opened.delete(taskPath(task));
      if (this.#takesInputs.has(task.step)) {
        // Sorted: in which order they were met differs by the way the inputs are known.
        this.#joins.push([taskPath(task), this.#droppedAt(task).toSorted()]);
      }
    }
  }

  /** The index of a journal that has become so long. */
  end(journalBytes: number): IndexFile {
    // Items of a foreach that did not end well inherit none the less.
    for (const { task, offset } of this.#opened.values()) this.#addTask(task, offset);
    this.#opened.clear();
    return {
      format: INDEX_FORMAT,
      journalBytes,
      steps: Object.fromEntries(this.#steps),
      joins: Object.fromEntries(this.#joins),
    };
  }

  #addTask({ step, position }: TaskId, offset: number): void {
    let index = this.#steps.get(step);
    if (index === undefined) {
      index = { positions: [], offsets: [] };
      this.#steps.set(step, index);
    }
    index.positions.push(position);
    index.offsets.push(offset);
  }
}

/** The index that a journal gives, of a run whose writer could not leave one. */
export function indexJournal(dir: string, graph: FlowGraph): IndexFile {
  const journalBytes = statSync(journalPath(dir)).size;
  const results = new Map<TaskPath, TaskResult>();
  const lineage = new RunLineage(graph, {
    changesOf: (task) => results.get(taskPath(task))?.changes,
    transitionOf: (task) => results.get(taskPath(task))?.transition,
  });
  const indexer = new RunIndexer(graph, (join) => lineage.droppedAt(join));
  for (const { event, offset } of scanJournal(dir)) {
    if (event === undefined) continue;
    const opened = event.type === 'foreach.opened' ? [openedBy(event)] : [];
    for (const result of [...opened, ...resultsOf(event)]) {
      results.set(taskPath(result.task), result);
    }
    indexer.add(event, offset);
  }
  return indexer.end(journalBytes);
}
