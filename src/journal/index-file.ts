import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FlowGraph } from '../model/graph.ts';
import type { TaskId, TaskPath } from '../model/ids.ts';
import { taskPath } from '../model/ids.ts';
import { openedBy, resultsOf } from '../model/recorded-result.ts';
import { RunLineage } from '../model/run-lineage.ts';
import type { TaskResult } from '../model/task.ts';
import { errnoOf } from './errno.ts';
import { journalPath, scanJournal } from './read.ts';
import { replaceFile } from './run-directory.ts';

/**
 * A derived file beside the journal, deletable at any time: where each task's last line is, and what
 * joins do not inherit. With it one artifact of a 100,000-task run is read without a fold.
 */
export interface RunIndex {
  /** The offset in the journal of the task's result; undefined: it left none. */
  offsetOf(task: TaskId): number | undefined;
  /** The names that some input of the join changed. */
  droppedAt(join: TaskId): readonly string[] | undefined;
}

/** Positions and offsets by step, in step with each other: compact, and quick to parse. */
interface IndexFile {
  readonly format: typeof FORMAT;
  /** Of the journal that was indexed. */
  readonly journalBytes: number;
  readonly steps: { readonly [step: string]: StepIndex };
  readonly joins: { readonly [path: string]: readonly string[] };
}

interface StepIndex {
  readonly positions: string[];
  readonly offsets: number[];
}

const FORMAT = 1;

export function indexPath(dir: string): string {
  return join(dir, 'index.json');
}

/** The index if there is one that fits the journal as it is now. */
export function readRunIndex(dir: string): RunIndex | undefined {
  try {
    const file: unknown = JSON.parse(readFileSync(indexPath(dir), 'utf8'));
    if (!isIndexFile(file) || file.journalBytes !== statSync(journalPath(dir)).size)
      return undefined;
    return new FileIndex(file);
  } catch (error) {
    if (error instanceof SyntaxError || errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Reads the whole journal once and writes the index: at the end of a run, or on demand. */
export function writeRunIndex(dir: string, graph: FlowGraph): RunIndex {
  const file = makeIndex(dir, graph);
  replaceFile(indexPath(dir), JSON.stringify(file));
  return new FileIndex(file);
}

class FileIndex implements RunIndex {
  readonly #file: IndexFile;

  constructor(file: IndexFile) {
    this.#file = file;
  }

  offsetOf({ step, position }: TaskId): number | undefined {
    const index = own(this.#file.steps, step);
    return index?.offsets[index.positions.indexOf(position)];
  }

  droppedAt(task: TaskId): readonly string[] | undefined {
    return own(this.#file.joins, taskPath(task));
  }
}

function makeIndex(dir: string, graph: FlowGraph): IndexFile {
  const journalBytes = statSync(journalPath(dir)).size;
  const steps = new Map<string, StepIndex>();
  const results = new Map<TaskPath, TaskResult>();
  const joins: [string, readonly string[]][] = [];
  const takesInputs = new Set(
    graph.nodes.filter(({ takes }) => takes === 'inputs').map(({ name }) => name),
  );
  const lineage = new RunLineage(graph, {
    changesOf: (task) => results.get(taskPath(task))?.changes,
    transitionOf: (task) => results.get(taskPath(task))?.transition,
  });
  const opened = new Map<TaskPath, { readonly task: TaskId; readonly offset: number }>();
  for (const { event, offset } of scanJournal(dir)) {
    if (event?.type === 'foreach.opened') {
      const { task, ...early } = openedBy(event);
      results.set(taskPath(task), early);
      opened.set(taskPath(task), { task, offset });
    }
    for (const result of event === undefined ? [] : resultsOf(event)) {
      const { task } = result;
      results.set(taskPath(task), result);
      opened.delete(taskPath(task));
      addTask(steps, task, offset);
      // Its inputs are recorded before a join ends.
      if (takesInputs.has(task.step)) joins.push([taskPath(task), lineage.droppedAt(task)]);
    }
  }
  // Items of a foreach that did not end well inherit none the less.
  for (const { task, offset } of opened.values()) addTask(steps, task, offset);
  return {
    format: FORMAT,
    journalBytes,
    steps: Object.fromEntries(steps),
    joins: Object.fromEntries(joins),
  };
}

function addTask(steps: Map<string, StepIndex>, { step, position }: TaskId, offset: number): void {
  let index = steps.get(step);
  if (index === undefined) {
    index = { positions: [], offsets: [] };
    steps.set(step, index);
  }
  index.positions.push(position);
  index.offsets.push(offset);
}

function own<T>(record: { readonly [key: string]: T }, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function isIndexFile(value: unknown): value is IndexFile {
  return (
    typeof value === 'object' &&
    value !== null &&
    'format' in value &&
    value.format === FORMAT &&
    'journalBytes' in value &&
    'steps' in value &&
    'joins' in value
  );
}
