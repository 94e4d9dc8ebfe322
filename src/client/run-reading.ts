import { didYouMean } from '../base/suggest.ts';
import type { ArtifactTable } from '../model/artifact.ts';
import type { ResolvedParameters } from '../model/definition.ts';
import { FlowError } from '../model/errors.ts';
import type { RunStarted } from '../model/events.ts';
import type { FlowGraph } from '../model/graph.ts';
import { type TaskId, taskPath } from '../model/ids.ts';
import { isRunId } from '../model/run-id.ts';
import { RunLineage } from '../model/run-lineage.ts';
import type { RunView, TaskView } from '../model/run-view.ts';
import { type Client, taskOf } from './client.ts';
import type { RunReference } from './run-reference.ts';
import {
  isOver,
  type RunState,
  type RunSummary,
  readRunState,
  summariseRun,
} from './run-summary.ts';
import { clientOf, type StoreOptions } from './store-options.ts';

/**
 * What the objects of one run share. Everything is read when it is first asked for; what can no
 * longer change (the graph, a run that has ended) is read once.
 */
export class RunReading {
  readonly client: Client;
  readonly reference: RunReference;
  #graph: Promise<FlowGraph> | undefined;
  #endedView: RunView | undefined;
  #endedState: RunState | undefined;

  constructor(client: Client, reference: RunReference) {
    this.client = client;
    this.reference = reference;
  }

  /** Throws FlowError `PATHSPEC_INVALID`; nothing is read. */
  static at(flow: string, run: string, source: StoreOptions | RunReading): RunReading {
    if (source instanceof RunReading) return source;
    if (!isRunId(run)) throw notComplete(`${flow}/${run}`);
    const client = clientOf(source);
    return new RunReading(client, client.referenceOf(flow, run));
  }

  get pathspec(): string {
    return `${this.reference.flow}/${this.reference.run}`;
  }

  /** Throws FlowError `RUN_NOT_FOUND`. */
  async summary(): Promise<RunSummary> {
    await this.client.requireRun(this.reference);
    const state = this.#endedState ?? readRunState(this.reference.dir);
    if (isOver(state)) this.#endedState = state;
    return summariseRun(this.reference, state);
  }

  async view(): Promise<RunView> {
    if (this.#endedView !== undefined) return this.#endedView;
    await this.client.requireRun(this.reference);
    const view = await this.client.readRun(this.reference);
    if (view.end !== undefined) this.#endedView = view;
    return view;
  }

  /** Throws FlowError `TASK_NOT_FOUND`. */
  async taskView(task: TaskId): Promise<TaskView> {
    return taskOf(await this.view(), task);
  }

  /** Throws FlowError `RUN_EMPTY`: it was killed before it began. */
  async started(): Promise<RunStarted> {
    await this.client.requireRun(this.reference);
    return this.client.started(this.reference);
  }

  async parameters(): Promise<ResolvedParameters> {
    return (await this.started()).parameters;
  }

  graph(): Promise<FlowGraph> {
    this.#graph ??= this.#readGraph();
    return this.#graph;
  }

  artifactsOf(task: TaskId): Promise<ArtifactTable> {
    return this.client.artifactsOf(this.reference, task);
  }

  /** Throws FlowError `STEP_NOT_FOUND`. */
  async requireStep(name: string): Promise<void> {
    const { nodes } = await this.graph();
    if (nodes.some((node) => node.name === name)) return;
    const names = nodes.map((node) => node.name);
    throw new FlowError(`The flow of the run ${this.pathspec} has no step "${name}".`, {
      code: 'STEP_NOT_FOUND',
      hint: didYouMean(name, names) ?? `its steps are ${names.join(', ')}`,
    });
  }

  /** Which tasks led to which: found from graph, positions and the transitions taken. */
  async lineage(): Promise<RunLineage> {
    const { tasks } = await this.view();
    const results = new Map([...tasks].map(([path, { result }]) => [path, result]));
    return new RunLineage(await this.graph(), {
      changesOf: (task) => results.get(taskPath(task))?.changes,
      transitionOf: (task) => results.get(taskPath(task))?.transition,
    });
  }

  async #readGraph(): Promise<FlowGraph> {
    await this.client.requireRun(this.reference);
    return this.client.graph(this.reference);
  }
}

export function notComplete(text: string): FlowError {
  return new FlowError(`"${text}" is no complete pathspec.`, {
    code: 'PATHSPEC_INVALID',
    hint: "name it in full, as Flow/run; await Run.find('latest') finds a run by part of its id",
  });
}
