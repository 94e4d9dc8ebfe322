import { expectFields } from './expected-fields.ts';
import { type ExpectedTask, expectRun } from './expected-run.ts';
import type { Table } from './fields.ts';
import { flowSource } from './flow-source.ts';
import { type Ground, launch, type Ran, storeOf } from './launch.ts';
import type { Rider } from './rider.ts';
import type { Shape } from './shape.ts';

/** Behaviours that do not disturb each other share a flow and its runs. */
export interface OutingKind {
  readonly name: string;
  /** Whose code is in the flow. */
  readonly riders: readonly Rider[];
  /** Default: one run. */
  readonly runs?: (ground: Ground, shape: Shape) => Promise<readonly Ran[]>;
}

/** What a task left: values by name. */
interface Left {
  readonly [name: string]: unknown;
}

/** The runs of one flow that have ended, and what they should have been. */
export class Outing {
  readonly shape: Shape;
  readonly ground: Ground;
  readonly runs: readonly Ran[];
  readonly source: string;
  /** Of a run in which nothing goes wrong. */
  readonly tasks: ReadonlyMap<string, ExpectedTask>;
  readonly riders: readonly Rider[];
  readonly #read = new Map<string, Promise<Left>>();
  readonly #dumped = new Map<string, Promise<ReadonlyMap<string, Left>>>();
  #fields: ReadonlyMap<string, Table> | undefined;

  static async begin(kind: OutingKind, shape: Shape, ground: Ground): Promise<Outing> {
    const source = flowSource(shape, kind.riders);
    await ground.rig.write(`${ground.dir.slice(ground.rig.dir.length + 1)}/flow.ts`, source);
    const runs = await (kind.runs ?? runOnce)(ground, shape);
    return new Outing({ kind, shape, ground, runs, source });
  }

  private constructor(made: {
    readonly kind: OutingKind;
    readonly shape: Shape;
    readonly ground: Ground;
    readonly runs: readonly Ran[];
    readonly source: string;
  }) {
    this.shape = made.shape;
    this.ground = made.ground;
    this.runs = made.runs;
    this.source = made.source;
    this.riders = made.kind.riders;
    this.tasks = expectRun(made.shape);
  }

  /** The last run: the one that must have gone well. */
  get ran(): Ran {
    const last = this.runs.at(-1);
    if (last === undefined) throw new Error('there was no run');
    return last;
  }

  /** What each task of a run in which nothing goes wrong leaves, by its path. */
  get fields(): ReadonlyMap<string, Table> {
    this.#fields ??= expectFields(this.shape, this.tasks, this.riders);
    return this.#fields;
  }

  /** All fields that any task could have. */
  get names(): readonly string[] {
    const declared = this.riders.flatMap((one) => Object.keys(one.fields ?? {}));
    const found = [...this.fields.values()].flatMap((table) => [...table.keys()]);
    return [...new Set([...declared, ...found])];
  }

  /** What a task of the last run has left; only these names. */
  async left(path: string, names: readonly string[]): Promise<{ [name: string]: unknown }> {
    const [step = '', position] = path.split('/');
    // JSON has no room for some of them.
    const isPlain = !names.includes('kinds');
    if (this.ground.reader === 'commands' && isPlain) {
      return only((await this.#dump(step)).get(path) ?? {}, names);
    }
    let data = this.#read.get(path);
    if (data === undefined) {
      data = this.ran.run.task(step, position).data();
      this.#read.set(path, data);
    }
    return only(await data, names);
  }

  /** All tasks of a step, as `flow dump` prints them. */
  #dump(step: string): Promise<ReadonlyMap<string, Left>> {
    let dumped = this.#dumped.get(step);
    if (dumped === undefined) {
      dumped = dumpStep(this.ground, `${this.ran.id}/${step}`);
      this.#dumped.set(step, dumped);
    }
    return dumped;
  }

  /** The same by the oracle. */
  expected(path: string, names: readonly string[]): { [name: string]: unknown } {
    return only(Object.fromEntries(this.fields.get(path) ?? []), names);
  }
}

async function dumpStep(ground: Ground, step: string): Promise<ReadonlyMap<string, Left>> {
  const args = ['dump', step, '--json', '--store', storeOf(ground)];
  const { stdout } = await ground.rig.ok(args, { cwd: ground.dir });
  const dumped: DumpedTask | { readonly tasks: readonly DumpedTask[] } = JSON.parse(stdout);
  const tasks = 'tasks' in dumped ? dumped.tasks : [dumped];
  return new Map(tasks.map(({ task, artifacts }) => [task, artifacts]));
}

interface DumpedTask {
  readonly task: string;
  readonly artifacts: Left;
}

async function runOnce(ground: Ground): Promise<readonly Ran[]> {
  return [await launch(ground)];
}

function only(
  all: { readonly [name: string]: unknown },
  names: readonly string[],
): { [name: string]: unknown } {
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
}
