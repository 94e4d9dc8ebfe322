import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { didYouMean } from '../base/suggest.ts';
import { writeRunIndex } from '../journal/index-file.ts';
import { scanJournal } from '../journal/read.ts';
import { indexJournal } from '../journal/run-indexer.ts';
import { appendTagChange } from '../journal/run-tags.ts';
import { type TailOptions, tailJournal } from '../journal/tail.ts';
import type { ArtifactTable } from '../model/artifact.ts';
import { EXIT, FlowError } from '../model/errors.ts';
import type { FlowEvent, RunStarted } from '../model/events.ts';
import type { FlowGraph } from '../model/graph.ts';
import { type RunId, type TaskId, taskPath } from '../model/ids.ts';
import type { BlobStore } from '../model/ports/blob-store.ts';
import { isRunId, runIdTime } from '../model/run-id.ts';
import { RunFold, type RunView, type TaskView } from '../model/run-view.ts';
import { applyTagChanges, checkTags, type TagChange } from '../model/tags.ts';
import { storeLayout } from '../store/layout.ts';
import { openLocalBlobStore } from '../store/local/blob-store.ts';
import { followRunLogs } from './follow-run-logs.ts';
import { readFolder } from './read-folder.ts';
import { artifactsByIndex, artifactsByView } from './run-artifacts.ts';
import { type LogFilter, type RunLogChunk, readRunLogs } from './run-logs.ts';
import { findRunReference, type RunReference } from './run-reference.ts';
import { type RunStatus, type RunSummary, readEdgesIfAny, summariseRun } from './run-summary.ts';

/** Which runs are wanted; without any of these all are. */
export interface RunFilter {
  readonly flow?: string;
  readonly status?: RunStatus;
  /** Only runs with this tag, or with all of these; system tags count too. */
  readonly tag?: string | readonly string[];
  /** Only runs that were started then or later. */
  readonly since?: Date;
  /** The newest so many of those that match. */
  readonly limit?: number;
}

/** A run has its id a moment before it starts, so that an older id means an older run. */
const LAUNCH_MS = 60_000;

/** Reads what is in a store. Opens nothing before it is asked, and takes no lock. */
export class Client {
  /** The store's folder, absolute. */
  readonly root: string;
  readonly #flowsDir: string;
  readonly blobs: BlobStore;

  constructor(root: string) {
    this.root = root;
    this.#flowsDir = storeLayout(root).flowsDir;
    this.blobs = openLocalBlobStore(root);
  }

  /** Names of the flows that ever ran here. */
  async flows(): Promise<string[]> {
    return (await readFolder(this.#flowsDir)).toSorted();
  }

  /** Newest first. */
  async runs(filter: RunFilter = {}): Promise<RunSummary[]> {
    const found: RunSummary[] = [];
    for await (const summary of this.findRuns(filter)) found.push(summary);
    return found;
  }

  /** The same, each read when it is asked for. */
  async *findRuns(filter: RunFilter = {}): AsyncGenerator<RunSummary> {
    let left = filter.limit ?? Number.POSITIVE_INFINITY;
    const oldestMs = (filter.since?.getTime() ?? Number.NEGATIVE_INFINITY) - LAUNCH_MS;
    for (const reference of await this.references(filter.flow)) {
      if (left <= 0 || runIdTime(reference.run) < oldestMs) return;
      const summary = summariseRun(reference);
      if (!isWanted(summary, filter)) continue;
      left -= 1;
      yield summary;
    }
  }

  /** See {@link findRunReference} for what the text may be and what is thrown. */
  async findRun(text: string): Promise<RunReference> {
    try {
      return findRunReference(text, await this.references());
    } catch (error) {
      // A spin is named like a run, and found only where no run is meant.
      const spin = (await this.spins()).find(({ run }) => run === text.split('/').at(-1));
      if (spin === undefined) throw error;
      return spin;
    }
  }

  /** Where a run of this name would be; nothing is read. */
  referenceOf(flow: string, run: RunId): RunReference {
    return { flow, run, dir: join(this.#flowsDir, flow, run) };
  }

  /** The same of a spin. */
  spinReferenceOf(flow: string, run: RunId): RunReference {
    return { flow, run, dir: join(storeLayout(this.root).spinDir(flow), run) };
  }

  /** Throws FlowError `RUN_NOT_FOUND`, `FLOW_NOT_FOUND`. */
  async requireRun({ flow, run, dir }: RunReference): Promise<void> {
    if (!existsSync(dir)) await this.findRun(`${flow}/${run}`);
  }

  /** Every event so far, then those to come, until the run has ended or is lost. */
  followEvents(run: RunReference, options: TailOptions = {}): AsyncGenerator<FlowEvent> {
    return tailJournal(run.dir, options);
  }

  summary(run: RunReference): RunSummary {
    return summariseRun(run);
  }

  /** Throws FlowError `JOURNAL_CORRUPT` and the like: see the journal. */
  async readRun(run: RunReference, onEvent?: (event: FlowEvent) => void): Promise<RunView> {
    const fold = new RunFold();
    for (const { event } of scanJournal(run.dir)) {
      if (event === undefined) continue;
      fold.apply(event);
      onEvent?.(event);
    }
    return fold.view;
  }

  /** Throws FlowError `TASK_NOT_FOUND`. */
  async task(run: RunReference, id: TaskId): Promise<TaskView> {
    return taskOf(await this.readRun(run), id);
  }

  /** What the task left: its own artifacts and those it inherited. Throws FlowError `TASK_NOT_FOUND`. */
  async artifactsOf(run: RunReference, id: TaskId): Promise<ArtifactTable> {
    const graph = await this.graph(run);
    const indexed = artifactsByIndex(run.dir, graph, id);
    if (indexed !== undefined) return indexed;
    const view = await this.readRun(run);
    taskOf(view, id);
    if (view.end !== undefined) indexIfPossible(run.dir, graph);
    return artifactsByView(view, graph, id);
  }

  /** The graph that the run was started with. */
  async graph(run: RunReference): Promise<FlowGraph> {
    const { graph: hash } = this.started(run);
    const graph: FlowGraph = JSON.parse(Buffer.from(await this.blobs.get(hash)).toString());
    return graph;
  }

  /** Throws FlowError `RUN_EMPTY`: it was killed before it began. */
  started({ flow, run, dir }: RunReference): RunStarted {
    const first = readEdgesIfAny(dir).first;
    if (first?.type === 'run.started') return first;
    throw new FlowError(`The run ${flow}/${run} was ended before it began.`, {
      code: 'RUN_EMPTY',
      hint: 'it left nothing: start it again',
      exitCode: EXIT.failed,
    });
  }

  /**
   * Changes the tags of a run, in whatever state it is; others may do so at the same time. What is to
   * be removed and is not there is passed over.
   *
   * @throws FlowError `TAG_INVALID`, `STORE_NOT_WRITABLE`.
   */
  changeTags(run: RunReference, change: Omit<TagChange, 'at'>): void {
    const { add = [], remove = [] } = change;
    checkTags([...add, ...remove]);
    const at = Date.now();
    checkTags(applyTagChanges(this.summary(run).tags, [{ at, ...change }]));
    appendTagChange(run.dir, { at, ...change });
  }

  readLogs(run: RunReference, filter: LogFilter = {}): AsyncGenerator<RunLogChunk> {
    return readRunLogs(run.dir, filter);
  }

  /** What is to come too: see {@link followRunLogs} for when it ends. */
  followLogs(run: RunReference, filter: LogFilter = {}): AsyncGenerator<RunLogChunk> {
    return followRunLogs(run.dir, filter);
  }

  /** All runs, newest first, unread. */
  async references(only?: string): Promise<RunReference[]> {
    const found: RunReference[] = [];
    for (const flow of only === undefined ? await this.flows() : [only]) {
      for (const run of await readFolder(join(this.#flowsDir, flow))) {
        if (isRunId(run)) found.push(this.referenceOf(flow, run));
      }
    }
    return found.toSorted((a, b) => (a.run < b.run ? 1 : -1));
  }

  /** What `flow spin` kept, unread: named like runs, and found by no list of them. */
  async spins(): Promise<RunReference[]> {
    const layout = storeLayout(this.root);
    const found: RunReference[] = [];
    for (const flow of await readFolder(layout.spinsDir)) {
      for (const run of await readFolder(layout.spinDir(flow))) {
        if (isRunId(run)) found.push(this.spinReferenceOf(flow, run));
      }
    }
    return found;
  }
}

/** `root` is the store's folder; where it does not exist there are no runs. */
export function openClient(root: string): Client {
  return new Client(root);
}

function isWanted(run: RunSummary, filter: RunFilter): boolean {
  const wanted = typeof filter.tag === 'string' ? [filter.tag] : (filter.tag ?? []);
  return (
    (filter.status === undefined || filter.status === run.status) &&
    (filter.since === undefined || run.startedAt >= filter.since.getTime()) &&
    wanted.every((tag) => run.tags.includes(tag) || run.systemTags.includes(tag))
  );
}

/** Throws FlowError `TASK_NOT_FOUND`. */
export function taskOf(view: RunView, id: TaskId): TaskView {
  const path = taskPath(id);
  const task = view.tasks.get(path);
  if (task !== undefined) return task;
  const known = view.steps.has(id.step) ? view.tasks.keys() : view.steps.keys();
  throw new FlowError(`The run has no task ${path}.`, {
    code: 'TASK_NOT_FOUND',
    hint:
      didYouMean(view.steps.has(id.step) ? path : id.step, known) ??
      `steps that ran: ${[...view.steps.keys()].join(', ')}`,
  });
}

/** The index only saves time: a store that is read-only, or full, is no reason not to answer. */
function indexIfPossible(dir: string, graph: FlowGraph): void {
  try {
    writeRunIndex(dir, indexJournal(dir, graph));
  } catch {
    // Read without it again next time.
  }
}
