import type { GraphNode } from '../model/graph.ts';
import type { TaskView } from '../model/run-view.ts';
import type { FlowClass } from './flow-types.ts';
import { notComplete, RunReading } from './run-reading.ts';
import type { StoreOptions } from './store-options.ts';
import { Task } from './task.ts';

/** A step of one run, and its tasks. */
export class Step<F extends FlowClass = FlowClass> implements AsyncIterable<Task<F>> {
  readonly name: string;
  /** `Flow/run/step`. */
  readonly pathspec: string;
  readonly #reading: RunReading;

  /**
   * @param pathspec complete: `Flow/run/step`.
   * @throws FlowError `PATHSPEC_INVALID`. That there is no such step shows when it is read.
   */
  constructor(pathspec: string, source: StoreOptions | RunReading = {}) {
    const [flow = '', run = '', step = '', ...more] = pathspec.split('/');
    if (step === '' || more.length > 0) throw notComplete(pathspec);
    this.#reading = RunReading.at(flow, run, source);
    this.name = step;
    this.pathspec = pathspec;
  }

  /** In the order of their first launch. */
  async tasks(): Promise<Task<F>[]> {
    return (await this.#views()).map(({ position }) => this.#task(position));
  }

  /** Its only task, or the first one that was launched; undefined if none was. */
  get task(): Promise<Task<F> | undefined> {
    return this.tasks().then(([first]) => first);
  }

  /** The doc comment of its method. */
  get doc(): Promise<string | undefined> {
    return this.#node().then((node) => node?.doc);
  }

  /** Of the first of its tasks; undefined before. */
  get startedAt(): Promise<Date | undefined> {
    return this.#views().then((views) => {
      const launches = views.flatMap(({ attempts }) => attempts.map((a) => a.launchedAt));
      return launches.length === 0 ? undefined : new Date(Math.min(...launches));
    });
  }

  /** When the last of its tasks ended; undefined while one runs. */
  get finishedAt(): Promise<Date | undefined> {
    return this.#views().then((views) => {
      const ends = views.flatMap(({ attempts }) => attempts.map((a) => a.endedAt ?? Infinity));
      const last = Math.max(...ends);
      return Number.isFinite(last) ? new Date(last) : undefined;
    });
  }

  /** The steps with an edge to this one. */
  async parents(): Promise<Step<F>[]> {
    const { edges } = await this.#reading.graph();
    return this.#steps(edges.filter(({ to }) => to === this.name).map(({ from }) => from));
  }

  /** The steps that this one has an edge to. */
  async children(): Promise<Step<F>[]> {
    const { edges } = await this.#reading.graph();
    return this.#steps(edges.filter(({ from }) => from === this.name).map(({ to }) => to));
  }

  /** Its tasks, as {@link Step.tasks} gives them. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Task<F>> {
    yield* await this.tasks();
  }

  async #views(): Promise<TaskView[]> {
    await this.#reading.requireStep(this.name);
    const { tasks } = await this.#reading.view();
    return [...tasks.values()].filter(({ step }) => step === this.name);
  }

  async #node(): Promise<GraphNode | undefined> {
    await this.#reading.requireStep(this.name);
    return (await this.#reading.graph()).nodes.find(({ name }) => name === this.name);
  }

  #task(position: string): Task<F> {
    return new Task(`${this.pathspec}/${position}`, this.#reading);
  }

  #steps(names: readonly string[]): Step<F>[] {
    return [...new Set(names)].map(
      (name) => new Step(`${this.#reading.pathspec}/${name}`, this.#reading),
    );
  }
}
