// What each task of a run saw and left, worked out from the reference alone: plain tables, copied from
// task to task. The scheduler shares scopes and compares hashes; both must say the same.
import type { FlowGraph, GraphNode } from '../../src/model/graph.ts';
import { parsePosition, parseTaskPath, type TaskPath } from '../../src/model/ids.ts';
import type { TakenTransition } from '../../src/model/task.ts';
import type { ReferenceRun } from './reference.ts';
import type { History } from './simulate.ts';
import { valuesOf } from './simulated-values.ts';

type Table = ReadonlyMap<string, string>;

export class NaiveRun {
  readonly #nodes: ReadonlyMap<string, GraphNode>;
  readonly #reference: ReferenceRun;
  readonly #history: History;
  readonly #inGangs: ReadonlySet<string>;
  readonly #left = new Map<TaskPath, Table>();

  constructor(graph: FlowGraph, reference: ReferenceRun, history: History) {
    this.#nodes = new Map(graph.nodes.map((node) => [node.name, node]));
    this.#reference = reference;
    this.#history = history;
    const gangs = graph.edges.filter(({ kind }) => kind === 'gang');
    this.#inGangs = new Set(gangs.map(({ to }) => to));
  }

  nodeOf(path: TaskPath): GraphNode {
    return this.#nodes.get(parseTaskPath(path).step)!;
  }

  inputsOf(path: TaskPath): readonly TaskPath[] {
    return this.#reference.tasks.get(path)!.inputs;
  }

  /** The tasks that it follows; of a join without inputs, its fork. */
  above(path: TaskPath): readonly TaskPath[] {
    const { inputs, fork } = this.#reference.tasks.get(path)!;
    return inputs.length === 0 && fork !== undefined ? [fork] : inputs;
  }

  /** What starts as one with it: the tasks of its gang, or it alone. */
  startsWith(path: TaskPath): readonly TaskPath[] {
    const { step, position } = parseTaskPath(path);
    if (!this.#inGangs.has(step)) return [path];
    const around = position.split('.').slice(0, -1).join('.');
    return [...this.#reference.tasks.keys()].filter((other) => {
      const { step: otherStep, position: at } = parseTaskPath(other);
      return otherStep === step && at.split('.').slice(0, -1).join('.') === around;
    });
  }

  /** What it started with. */
  start(path: TaskPath): Table {
    const { inputs, fork } = this.#reference.tasks.get(path)!;
    const before = (fork ?? inputs[0]) === undefined ? new Map() : this.left(fork ?? inputs[0]!);
    if (this.nodeOf(path).takes !== 'inputs') return before;
    const same = [...before].filter(([name, value]) =>
      inputs.every((input) => this.left(input).get(name) === value),
    );
    return new Map(same);
  }

  /** What those see that follow it. */
  left(path: TaskPath): Table {
    const known = this.#left.get(path);
    if (known !== undefined) return known;
    const own = valuesOf(this.#history.tasks.get(path)?.changes ?? {});
    const table = new Map([...this.start(path), ...own]);
    this.#left.set(path, table);
    return table;
  }

  /**
   * The task of another run that one of this run stands for: at the same place, where a place in a
   * foreach is the item's key if it has one in both runs, else its index.
   */
  counterpart(path: TaskPath, other: NaiveRun): TaskPath | undefined {
    const places = this.#placesOf(path);
    const { step } = parseTaskPath(path);
    return [...other.#history.tasks.keys()].find((candidate) => {
      if (parseTaskPath(candidate).step !== step) return false;
      const there = other.#placesOf(candidate);
      return places.length === there.length && places.every((at, n) => isSamePlace(at, there[n]!));
    });
  }

  #placesOf(path: TaskPath): readonly Place[] {
    const { frames, keys } = this.#history.tasks.get(path)!;
    let open = 0;
    return parsePosition(parseTaskPath(path).position, this.nodeOf(path).levels.length)!.map(
      (level) => {
        if (level.kind === 'round') return { index: `r${level.round}` };
        const [by, key] = [frames[open]!.split(':')[0]!, keys[open++]];
        return { index: `${level.index}`, ...(key && { key: `${by}:${key}` }) };
      },
    );
  }

  /** Everything that its result may depend on; `name` says how its inputs are called. */
  given(
    path: TaskPath,
    name: (input: TaskPath) => TaskPath | undefined = (input) => input,
  ): string {
    const isJoin = this.nodeOf(path).takes === 'inputs';
    const inputs = isJoin
      ? this.inputsOf(path).map((input) => [name(input), sorted(this.left(input))])
      : [];
    const { items, gangs } = this.#history.tasks.get(path)!;
    return JSON.stringify([sorted(this.start(path)), inputs, items, gangs]);
  }

  /** How it went on, if it ended well. */
  transitionOf(path: TaskPath): TakenTransition | undefined {
    const task = this.#history.tasks.get(path);
    return task?.end === 'succeeds' ? task.transition : undefined;
  }
}

interface Place {
  readonly index: string;
  /** With the step that made the items: the keys of another step are others. */
  readonly key?: string;
}

function isSamePlace(a: Place, b: Place): boolean {
  const [by, other] = [a, b].map(({ key }) => key?.split(':')[0]);
  return by !== undefined && by === other ? a.key === b.key : a.index === b.index;
}

/** The rule of a resume, read aloud: whether a task of the new run is taken over from the old one. */
export function isTakenOver(path: TaskPath, run: NaiveRun, origin: NaiveRun): boolean {
  const there = run.counterpart(path, origin);
  const taken = there && origin.transitionOf(there);
  if (there === undefined || taken === undefined) return false;
  const [node, before] = [run.nodeOf(path), origin.nodeOf(there)];
  const kinds = ({ levels }: GraphNode) => levels.map(({ kind }) => kind).join(' ');
  if (node.takes !== before.takes || kinds(node) !== kinds(before)) return false;
  const name = (input: TaskPath) => run.counterpart(input, origin);
  return isPossible(node, taken) && run.given(path, name) === origin.given(there);
}

function isPossible({ transition }: GraphNode, taken: TakenTransition): boolean {
  if (transition.kind === 'switch' && taken.kind === 'switch') {
    return transition.cases.some(({ label, to }) => label === taken.label && to === taken.to);
  }
  if (transition.kind === 'next' && taken.kind === 'next') {
    return JSON.stringify(transition.to) === JSON.stringify(taken.to);
  }
  if (transition.kind === 'foreach' && taken.kind === 'foreach') return transition.to === taken.to;
  if (transition.kind === 'gang' && taken.kind === 'gang') return transition.to === taken.to;
  return transition.kind === taken.kind && transition.kind === 'end';
}

function sorted(table: Table): readonly (readonly [string, string])[] {
  return [...table].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
