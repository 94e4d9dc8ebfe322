import { didYouMean } from '../base/suggest.ts';
import type { ArtifactTable } from '../model/artifact.ts';
import { FlowError } from '../model/errors.ts';
import type { Usage } from '../model/events.ts';
import type { Failure } from '../model/failure.ts';
import { isPosition, type Position, type TaskId, taskPath } from '../model/ids.ts';
import type { LogStream } from '../model/ports/executor.ts';
import type { AttemptView, TaskView } from '../model/run-view.ts';
import { Artifact } from './artifact.ts';
import { claimed } from './claimed.ts';
import type { ArtifactsOf, FlowClass } from './flow-types.ts';
import { type LazyArtifacts, lazyArtifacts } from './lazy-artifacts.ts';
import type { LogFilter, RunLogChunk } from './run-logs.ts';
import { notComplete, RunReading } from './run-reading.ts';
import type { StoreOptions } from './store-options.ts';

/**
 * One activation of a step. Everything but its name is read when it is asked for.
 *
 * @example
 * ```ts
 * const task = new Task('Weather/1m7ypzdwvz4ne/summarise/2');
 * console.log(await task.status, await task.artifacts['mean']);
 * ```
 */
export class Task<F extends FlowClass = FlowClass> {
  readonly step: string;
  /** Where it stands in foreaches and loops: `0`, `3`, `3.r2`. */
  readonly position: Position;
  /** `Flow/run/step/position`. */
  readonly pathspec: string;
  readonly #reading: RunReading;

  /**
   * @param pathspec complete: `Flow/run/step/position`.
   * @throws FlowError `PATHSPEC_INVALID`. That there is no such task shows when it is read.
   */
  constructor(pathspec: string, source: StoreOptions | RunReading = {}) {
    const [flow = '', run = '', step = '', position = '', ...more] = pathspec.split('/');
    if (step === '' || !isPosition(position) || more.length > 0) throw notComplete(pathspec);
    this.#reading = RunReading.at(flow, run, source);
    this.step = step;
    this.position = position;
    this.pathspec = pathspec;
  }

  /** Everything that the run's events tell of it. */
  get view(): Promise<TaskView> {
    return this.#reading.taskView(this.#id);
  }

  /** The index in the innermost foreach around the task; undefined outside any. */
  get index(): Promise<number | undefined> {
    return this.#readIndex();
  }

  /** `waiting`: an attempt failed and another one will come. `cloned`: taken over from the origin run. */
  get status(): Promise<TaskView['status']> {
    return this.view.then(({ status }) => status);
  }

  /** True once it can no longer change. */
  get isFinished(): Promise<boolean> {
    return this.status.then((status) => status !== 'running' && status !== 'waiting');
  }

  /** True once it has succeeded, or was taken over. */
  get isSuccessful(): Promise<boolean> {
    return this.status.then((status) => status === 'succeeded' || status === 'cloned');
  }

  /** The attempts that ran in this run, the first one first; none for a clone. */
  get attempts(): Promise<readonly AttemptView[]> {
    return this.view.then(({ attempts }) => attempts);
  }

  /** Of the first attempt; undefined for a clone. */
  get startedAt(): Promise<Date | undefined> {
    return this.attempts.then((attempts) => dateOf(attempts[0]?.launchedAt));
  }

  /** Of the last attempt; undefined while it runs, and for a clone. */
  get finishedAt(): Promise<Date | undefined> {
    return this.attempts.then((attempts) => dateOf(attempts.at(-1)?.endedAt));
  }

  /** What the last attempt used. */
  get usage(): Promise<Usage | undefined> {
    return this.attempts.then((attempts) => attempts.at(-1)?.usage);
  }

  /** Why the last attempt failed, with its causes; there too when `@catchError` took it. */
  get failure(): Promise<Failure | undefined> {
    return this.attempts.then((attempts) => attempts.at(-1)?.failure);
  }

  /** Each field on its own, read when it is named: `await task.artifacts.total`. */
  get artifacts(): LazyArtifacts<F> {
    return lazyArtifacts<F>((name) => this.#valueOf(name));
  }

  /** All of them at once, parameters included. */
  async data(): Promise<ArtifactsOf<F>> {
    const data: { [name: string]: unknown } = Object.create(null);
    for (const { name } of await this.listArtifacts()) data[name] = await this.#valueOf(name);
    return claimed(data);
  }

  /** What it left and what it inherited, parameters included; nothing is decoded. */
  async listArtifacts(): Promise<Artifact[]> {
    const table = await this.#table();
    return Object.entries(table).map(
      ([name, ref]) => new Artifact(`${this.pathspec}/${name}`, ref, this.#reading.client.blobs),
    );
  }

  /** @throws FlowError `ARTIFACT_NOT_FOUND`, `TASK_NOT_FOUND`. */
  async artifact<K extends keyof ArtifactsOf<F> & string>(
    name: K,
  ): Promise<Artifact<ArtifactsOf<F>[K]>> {
    const table = await this.#table();
    const ref = Object.hasOwn(table, name) ? table[name] : undefined;
    if (ref !== undefined) {
      return new Artifact(`${this.pathspec}/${name}`, ref, this.#reading.client.blobs);
    }
    throw new FlowError(`${this.pathspec} has no artifact "${name}".`, {
      code: 'ARTIFACT_NOT_FOUND',
      hint: didYouMean(name, Object.keys(table)) ?? `it has ${Object.keys(table).join(', ')}`,
    });
  }

  /** The tasks that led to this one: of a join, in the order of its inputs. */
  async parents(): Promise<Task<F>[]> {
    await this.view;
    const lineage = await this.#reading.lineage();
    return lineage.inputsOf(this.#id).map((id) => this.#other(id));
  }

  /** The tasks that started because of this one. */
  async children(): Promise<Task<F>[]> {
    await this.view;
    const { edges } = await this.#reading.graph();
    const targets = new Set(edges.filter(({ from }) => from === this.step).map(({ to }) => to));
    const lineage = await this.#reading.lineage();
    const { tasks } = await this.#reading.view();
    const path = taskPath(this.#id);
    return [...tasks.values()]
      .filter((task) => targets.has(task.step))
      .filter((task) => lineage.inputsOf(task).some((input) => taskPath(input) === path))
      .map((task) => this.#other(task));
  }

  /** What it printed, all attempts: pieces in the order of time. */
  logs(filter: Pick<LogFilter, 'attempt' | 'stream'> = {}): AsyncGenerator<RunLogChunk> {
    const { client, reference } = this.#reading;
    return client.readLogs(reference, { ...filter, ...this.#id });
  }

  /** What its attempts printed on stdout, as UTF-8. */
  get stdout(): Promise<string> {
    return this.#logText('stdout');
  }

  /** What its attempts printed on stderr, as UTF-8. */
  get stderr(): Promise<string> {
    return this.#logText('stderr');
  }

  get #id(): TaskId {
    return { step: this.step, position: this.position };
  }

  #other({ step, position }: TaskId): Task<F> {
    return new Task(`${this.#reading.pathspec}/${step}/${position}`, this.#reading);
  }

  async #table(): Promise<ArtifactTable> {
    const artifacts = await this.#reading.artifactsOf(this.#id);
    return Object.assign(Object.create(null), await this.#reading.parameters(), artifacts);
  }

  async #valueOf(name: string): Promise<unknown> {
    const table = await this.#table();
    const ref = Object.hasOwn(table, name) ? table[name] : undefined;
    if (ref === undefined) return undefined;
    return new Artifact(`${this.pathspec}/${name}`, ref, this.#reading.client.blobs).value();
  }

  async #readIndex(): Promise<number | undefined> {
    const { nodes } = await this.#reading.graph();
    const levels = nodes.find(({ name }) => name === this.step)?.levels ?? [];
    const at = levels.findLastIndex(({ kind }) => kind !== 'loop');
    const part = at < 0 ? undefined : this.position.split('.')[at];
    return part === undefined ? undefined : Number(part);
  }

  async #logText(stream: LogStream): Promise<string> {
    const pieces: Uint8Array[] = [];
    for await (const { bytes } of this.logs({ stream })) pieces.push(bytes);
    return Buffer.concat(pieces).toString();
  }
}

function dateOf(atMs: number | undefined): Date | undefined {
  return atMs === undefined ? undefined : new Date(atMs);
}
