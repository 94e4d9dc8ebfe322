import type { TakenTransition } from '../../src/model/task.ts';
import type { Outcome } from '../simulation/oracle.ts';
import { interpret } from '../simulation/reference.ts';
import { chosenAt, type Shape, type ShapeStep } from './shape.ts';
import { shapeGraph } from './shape-graph.ts';

export interface ExpectedTask {
  readonly path: string;
  readonly step: ShapeStep;
  readonly position: string;
  /** Paths, in the order in which a join has to see them. */
  readonly inputs: readonly string[];
  /** Of a join: the task where its inputs parted. */
  readonly fork?: string;
  readonly ends: Outcome['kind'];
  readonly stack: readonly ExpectedFrame[];
}

export interface ExpectedFrame {
  readonly step: string;
  readonly index: number;
  readonly size: number;
  readonly item: string | number;
}

/** How a task ends where that is not what its shape says. */
export type Ending = { readonly kind: 'fails' } | { readonly kind: 'takes'; readonly way: string };

/** Every task that must exist, in an order in which they could run one by one. */
export function expectRun(
  shape: Shape,
  endingOf: (path: string) => Ending | undefined = () => undefined,
): ReadonlyMap<string, ExpectedTask> {
  const steps = new Map(shape.steps.map((step) => [step.name, step]));
  const graph = shapeGraph(shape);
  const levels = new Map(graph.nodes.map((node) => [node.name, node.levels]));
  const { tasks } = interpret(graph, (path): Outcome => {
    const [step, position] = splitPath(path);
    const ending = endingOf(path);
    if (ending?.kind === 'fails') return ending;
    const transition = transitionOf(steps.get(step), { position, take: ending?.way });
    return { kind: 'succeeds', transition };
  });
  const stackOf = (name: string, position: string): ExpectedFrame[] => {
    const parts = position.split('.');
    return (levels.get(name) ?? []).flatMap((level, depth) => {
      if (level.kind !== 'foreach') return [];
      const splitter = parts.slice(0, depth).join('.') || '0';
      const index = Number(parts[depth]);
      const from = steps.get(level.step);
      const size = sizeAt(from, splitter);
      // The items of a gang are the numbers of its tasks.
      const isGang = from?.way.kind === 'gang';
      const item = isGang ? index : itemText(`${level.step}/${splitter}`, index);
      return [{ step: level.step, index, size, item }];
    });
  };
  return new Map(
    [...tasks].map(([path, { inputs, fork, outcome }]) => {
      const [name, position] = splitPath(path);
      const step = steps.get(name);
      if (step === undefined) throw new Error(`there is no step ${name}`);
      const task: ExpectedTask = {
        path,
        step,
        position,
        inputs,
        ends: outcome,
        stack: stackOf(name, position),
      };
      return [path, fork === undefined ? task : { ...task, fork }];
    }),
  );
}

export function splitPath(path: string): readonly [step: string, position: string] {
  const [step = '', position = ''] = path.split('/');
  return [step, position];
}

export function itemText(splitter: string, index: number): string {
  return `${splitter}#${index}`;
}

function sizeAt(step: ShapeStep | undefined, position: string): number {
  if (step?.way.kind === 'gang') return step.way.size;
  return step?.way.kind === 'foreach' ? chosenAt(step.way.sizes, position) : 0;
}

function transitionOf(
  step: ShapeStep | undefined,
  { position, take }: { readonly position: string; readonly take: string | undefined },
): TakenTransition {
  const way = step?.way ?? { kind: 'end' };
  if (way.kind === 'switch') {
    const label = take ?? chosenAt(way.chosen, position);
    return { kind: 'switch', label, to: way.cases[label] ?? '' };
  }
  if (way.kind === 'gang') return { ...way, size: take === undefined ? way.size : 0, pages: [] };
  if (way.kind !== 'foreach') return way;
  const size = take === undefined ? chosenAt(way.sizes, position) : 0;
  // The reference counts items; what they are stands in the shape.
  return { kind: 'foreach', to: way.to, size, pages: [] };
}
