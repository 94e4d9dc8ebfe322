import { createHash } from 'node:crypto';
import { InternalError } from '../model/errors.ts';
import type {
  FlowGraph,
  GraphEdge,
  GraphLevel,
  GraphNode,
  GraphTransition,
} from '../model/graph.ts';
import type { FieldUse } from './fields/field-use.ts';
import type { FlowShape, ShapeLevel, ShapeNode } from './shape/shape.ts';
import type { FlowSource, SourceStep } from './source/flow-source.ts';
import type { SourceMap } from './source-map.ts';

interface Parts {
  readonly source: FlowSource;
  readonly shape: FlowShape;
  readonly fields: FieldUse;
  readonly map: SourceMap;
}

/** The graph of a flow without errors. */
export function buildGraph({ source, shape, fields, map }: Parts): FlowGraph {
  const nameOf = (step: number): string => source.steps[step]?.name ?? '';
  const backs = new Set(shape.order.back);
  const doc = map.docOfClass(0);
  return {
    flow: source.definition.name,
    ...(doc === undefined ? {} : { doc }),
    nodes: source.steps.map((step, number): GraphNode => {
      const node = shape.nodes.get(number);
      if (node === undefined) throw new InternalError(`the step ${step.name} has no place`);
      return {
        name: step.name,
        ...joinOf(node, nameOf),
        fires: 'anyLive',
        levels: node.levels.map((level) => nameLevel(level, nameOf)),
        transition: transitionOf(step),
        policy: step.definition.policy,
        decorators: step.definition.decorators,
        sets: [...fields.of(step).sets],
        ...map.describe(step.place),
        ...sourceOf(step, source),
      };
    }),
    edges: shape.wiring.out.flatMap((wires) =>
      wires.map(
        (wire): GraphEdge => ({
          from: nameOf(wire.from),
          to: nameOf(wire.to),
          kind: backs.has(wire) ? 'back' : wire.kind,
          ...(wire.labels === undefined ? {} : { labels: wire.labels }),
        }),
      ),
    ),
  };
}

function sourceOf(
  { member }: SourceStep,
  { definition }: FlowSource,
): { readonly source?: string } {
  const code = member?.code;
  const text = code && definition.classes[code.classIndex]?.text;
  if (code === undefined || text === undefined) return {};
  const method = text.slice(code.start, code.start + code.length);
  return { source: createHash('sha256').update(method).digest('hex') };
}

function joinOf({ takes, joins, closes }: ShapeNode, nameOf: (step: number) => string) {
  return { takes, joins, ...(closes === undefined ? {} : { closes: nameOf(closes) }) };
}

function nameLevel(level: ShapeLevel, nameOf: (step: number) => string): GraphLevel {
  return level.kind === 'foreach'
    ? { kind: 'foreach', step: nameOf(level.step) }
    : { kind: 'loop', head: nameOf(level.head) };
}

/** What a readable step does at its end. */
export function transitionOf({ name, transition }: SourceStep): GraphTransition {
  if (transition === undefined) return { kind: 'end' };
  const field = 'field' in transition ? { field: transition.field } : {};
  switch (transition.kind) {
    case 'unreadable':
      throw new InternalError(`the step ${name} has no readable transition`);
    case 'next':
      return { kind: 'next', to: transition.targets.map((target) => target.name) };
    case 'foreach':
      return { kind: 'foreach', to: transition.targets[0].name, ...field };
    case 'gang': {
      const size = transition.size?.value;
      const known = typeof size === 'number' ? { size } : {};
      return { kind: 'gang', to: transition.targets[0].name, ...known };
    }
    case 'switch': {
      const cases = transition.targets.map((target, index) => ({
        label: transition.labels[index] ?? '',
        to: target.name,
      }));
      return { kind: 'switch', cases, ...field };
    }
  }
}
