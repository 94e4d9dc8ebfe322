import { type AnyNode, type Class, type MethodDefinition, parseExpressionAt } from 'acorn';
import type { FlowDefinition, StepDefinition } from '../../model/definition.ts';
import { findNexts, type Nexts } from './find-nexts.ts';
import { type FieldFacts, readFields } from './read-fields.ts';
import { readTransition, type Transition, type Unreadable } from './read-transition.ts';
import { childrenOf } from './walk.ts';

/** A piece of a class text. */
export interface Place {
  readonly classIndex: number;
  readonly start: number;
  readonly length: number;
}

export interface SourceMember {
  readonly name: string;
  readonly classIndex: number;
  readonly kind: 'method' | 'get' | 'set' | 'field' | 'constructor';
  readonly place: Place;
  /** Of members with a body. */
  readonly facts?: FieldFacts;
  readonly nexts?: Nexts;
  /** Fields: the initialiser. */
  readonly value?: AnyNode;
  readonly firstParameter?: string;
  /** Of methods: arguments and body, without the name. */
  readonly code?: Place;
}

export interface SourceStep {
  readonly definition: StepDefinition;
  readonly name: string;
  readonly place: Place | undefined;
  readonly member: SourceMember | undefined;
  /** Undefined without a `next`, with several, and for `end`. */
  readonly transition: Transition | Unreadable | undefined;
}

/** The class texts of a flow, read once; all rules look at this. */
export interface FlowSource {
  readonly definition: FlowDefinition;
  readonly steps: readonly SourceStep[];
  readonly stepsByName: ReadonlyMap<string, SourceStep>;
  /** Per class, what stands in it. */
  readonly members: readonly (readonly SourceMember[])[];
  /** Classes whose text cannot be parsed. */
  readonly unreadable: readonly number[];
}

export function readSource(definition: FlowDefinition): FlowSource {
  const unreadable: number[] = [];
  const members = definition.classes.map(({ text }, classIndex) => {
    const node = parseClass(text);
    if (node === undefined) unreadable.push(classIndex);
    return node === undefined ? [] : readClass(node, classIndex);
  });
  const methods = members.map(
    (list) => new Map(list.filter(({ kind }) => kind === 'method').map((m) => [m.name, m])),
  );
  const steps = definition.steps.map((step): SourceStep => {
    const member = methods[step.classIndex]?.get(step.name);
    const [next, ...more] = member?.nexts?.calls ?? [];
    const isRead = next !== undefined && more.length === 0 && step.name !== 'end';
    const transition = isRead ? readTransition(next.call) : undefined;
    return { definition: step, name: step.name, place: member?.place, member, transition };
  });
  const stepsByName = new Map(steps.map((step) => [step.name, step]));
  return { definition, steps, stepsByName, members, unreadable };
}

export function placeOf(node: AnyNode, classIndex: number): Place {
  return { classIndex, start: node.start - 1, length: node.end - node.start };
}

function parseClass(text: string): Class | undefined {
  try {
    const node = parseExpressionAt(`(${text})`, 0, { ecmaVersion: 'latest' });
    return node.type === 'ClassExpression' ? node : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function readClass(node: Class, classIndex: number): SourceMember[] {
  return node.body.body.flatMap((member): SourceMember[] => {
    if (member.type === 'StaticBlock' || member.static) return [];
    if (member.type === 'MethodDefinition') return readMethodMember(member, classIndex);
    const name = nameOf(member.key, member.computed);
    if (name === undefined) return [];
    const value = member.value ?? undefined;
    return [
      {
        name,
        classIndex,
        kind: 'field',
        place: placeOf(member.key, classIndex),
        ...(value === undefined ? {} : { value }),
      },
    ];
  });
}

function readMethodMember(member: MethodDefinition, classIndex: number): SourceMember[] {
  const name = nameOf(member.key, member.computed);
  if (name === undefined) return [];
  const [first] = member.value.params;
  const found: SourceMember = {
    name,
    classIndex,
    kind: member.kind,
    place: placeOf(member.key, classIndex),
    facts: readFields(member.value),
    nexts: findNexts(member.value),
    code: placeOf(member.value, classIndex),
    ...(first?.type === 'Identifier' ? { firstParameter: first.name } : {}),
  };
  const lowered = member.kind === 'constructor' ? loweredFields(member.value.body, classIndex) : [];
  return [found, ...lowered];
}

/** Where decorators are lowered, fields become calls in the constructor: `define(this, "x", 1)`. */
function loweredFields(node: AnyNode, classIndex: number): SourceMember[] {
  if (node.type === 'CallExpression') {
    const [target, key, value] = node.arguments;
    if (target?.type === 'ThisExpression' && key?.type === 'Literal') {
      const name = String(key.value);
      const field = { name, classIndex, kind: 'field', place: placeOf(key, classIndex) } as const;
      return [value === undefined ? field : { ...field, value }];
    }
  }
  return childrenOf(node).flatMap((child) => loweredFields(child, classIndex));
}

function nameOf(key: AnyNode, computed: boolean): string | undefined {
  if (key.type === 'Identifier') return computed ? undefined : key.name;
  if (key.type === 'PrivateIdentifier') return `#${key.name}`;
  return key.type === 'Literal' ? String(key.value) : undefined;
}
