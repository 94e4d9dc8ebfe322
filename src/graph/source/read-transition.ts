import type { AnyNode, CallExpression, Expression, ObjectExpression, SpreadElement } from 'acorn';
import { didYouMean } from '../../base/suggest.ts';
import { memberOfThis } from './walk.ts';

export interface Target {
  readonly name: string;
  readonly node: AnyNode;
}

/** A `next` as it is written; whether the targets exist is not looked at. */
export type Transition =
  | { readonly kind: 'next'; readonly targets: readonly Target[] }
  | { readonly kind: 'foreach'; readonly targets: readonly [Target]; readonly field?: string }
  /** The size is what `numParallel` says, where that is a literal. */
  | {
      readonly kind: 'gang';
      readonly targets: readonly [Target];
      readonly size?: { readonly value: unknown; readonly node: AnyNode };
    }
  | {
      readonly kind: 'switch';
      readonly targets: readonly Target[];
      readonly labels: readonly string[];
      readonly field?: string;
    };

/** Why a `next` cannot be read before the flow runs, and where. */
export interface Unreadable {
  readonly kind: 'unreadable';
  readonly node: AnyNode;
  readonly reason: string;
  readonly hint: string;
}

type Argument = Expression | SpreadElement;

export function readTransition(call: CallExpression): Transition | Unreadable {
  const args = call.arguments;
  const [first] = args;
  if (first === undefined) {
    return unreadable(call, 'names no step', 'name what runs next: this.next(this.end)');
  }
  if (first.type === 'ObjectExpression') return readSwitch(call, first);
  const last = args.at(-1);
  if (last?.type === 'ObjectExpression') return readFanOut(call, last);
  const targets: Target[] = [];
  for (const arg of args) {
    const target = readTarget(arg);
    if (target.kind === 'unreadable') return target;
    targets.push(target);
  }
  const twice = targets.find(
    ({ name }, index) => targets.findIndex((t) => t.name === name) < index,
  );
  if (twice !== undefined) {
    return unreadable(twice.node, `names "${twice.name}" twice`, 'name each step once');
  }
  return { kind: 'next', targets };
}

function readFanOut(call: CallExpression, options: ObjectExpression): Transition | Unreadable {
  const [first, , ...rest] = call.arguments;
  if (first === undefined || rest.length > 0) {
    return unreadable(
      call,
      'gives options to several steps',
      'a foreach leads to one step, a plain split takes no options',
    );
  }
  const target = readTarget(first);
  if (target.kind === 'unreadable') return target;
  const entries = readEntries(options);
  if ('kind' in entries) return entries;
  const unknown = entries.find(({ key }) => !FAN_OUT_OPTIONS.includes(key));
  if (unknown !== undefined) {
    const hint = didYouMean(unknown.key, FAN_OUT_OPTIONS) ?? FAN_OUT_HINT;
    return unreadable(unknown.value, `has no option "${unknown.key}"`, hint);
  }
  return (
    toFanOut(target, entries) ??
    unreadable(options, 'has options that fit no transition', FAN_OUT_HINT)
  );
}

/** Of options that stand behind a step; a condition stands behind cases. */
const FAN_OUT_OPTIONS = ['foreach', 'numParallel', 'key'];
const FAN_OUT_HINT =
  'after a step goes { foreach: items }, { foreach: items, key: (item) => item.id } or { numParallel: n }';

function toFanOut(target: Target, entries: readonly Entry[]): Transition | Unreadable | undefined {
  const names = entries
    .map(({ key }) => key)
    .toSorted()
    .join(' ');
  const find = (name: string) => entries.find(({ key }) => key === name);
  const [foreach, gang, key] = [find('foreach'), find('numParallel'), find('key')];
  if (foreach !== undefined && (names === 'foreach' || names === 'foreach key')) {
    if (key !== undefined && isText(key.value)) {
      return unreadable(
        key.value,
        'has a key that is not a function',
        'write { key: (item) => item.id }',
      );
    }
    return { kind: 'foreach', targets: [target], ...fieldOf(foreach.value) };
  }
  if (gang === undefined || names !== 'numParallel') return undefined;
  return { kind: 'gang', targets: [target], ...sizeOf(gang.value) };
}

function isText({ type }: AnyNode): boolean {
  return type === 'Literal' || type === 'TemplateLiteral';
}

function readSwitch(call: CallExpression, cases: ObjectExpression): Transition | Unreadable {
  const [, options, ...rest] = call.arguments;
  const wanted = 'after the cases goes { condition: this.field }';
  if (options?.type !== 'ObjectExpression' || rest.length > 0) {
    return unreadable(call, 'has cases but no condition', wanted);
  }
  const settings = readEntries(options);
  if ('kind' in settings) return settings;
  const [condition, ...others] = settings;
  if (condition?.key !== 'condition' || others.length > 0) {
    return unreadable(options, 'has cases but no condition', wanted);
  }
  const entries = readEntries(cases);
  if ('kind' in entries) return entries;
  const targets: Target[] = [];
  const labels: string[] = [];
  for (const { key, value } of entries) {
    const target = readTarget(value);
    if (target.kind === 'unreadable') return target;
    if (labels.includes(key)) {
      return unreadable(value, `has the case "${key}" twice`, 'keep one of them');
    }
    targets.push(target);
    labels.push(key);
  }
  return { kind: 'switch', targets, labels, ...fieldOf(condition.value) };
}

interface Entry {
  readonly key: string;
  readonly value: AnyNode;
}

function readEntries(object: ObjectExpression): readonly Entry[] | Unreadable {
  const entries: Entry[] = [];
  for (const property of object.properties) {
    if (property.type === 'SpreadElement') {
      return unreadable(property, 'spreads an object', 'write each key out');
    }
    const key = keyOf(property.key, property.computed);
    if (key === undefined) {
      return unreadable(
        property.key,
        'has a computed key',
        'write the key as a name, a string, a number, true or false',
      );
    }
    entries.push({ key, value: property.value });
  }
  return entries;
}

function keyOf(key: AnyNode, computed: boolean): string | undefined {
  if (key.type === 'Identifier') return computed ? undefined : key.name;
  if (key.type === 'Literal' && key.value !== null) return String(key.value);
  if (key.type === 'TemplateLiteral' && key.expressions.length === 0) {
    return key.quasis[0]?.value.cooked ?? undefined;
  }
  return undefined;
}

/** What stands there, if it is no matter of the run. */
function sizeOf(node: AnyNode) {
  const negative = node.type === 'UnaryExpression' && node.operator === '-' ? node.argument : node;
  if (negative.type !== 'Literal') return {};
  const value = negative === node ? negative.value : -Number(negative.value);
  return { size: { value, node } };
}

/** The field that is named or read directly; nothing for other expressions. */
function fieldOf(value: AnyNode): { readonly field?: string } {
  const field =
    value.type === 'Literal' && typeof value.value === 'string' ? value.value : memberOfThis(value);
  return field === undefined ? {} : { field };
}

function readTarget(node: Argument | AnyNode): (Target & { kind: 'target' }) | Unreadable {
  const name = memberOfThis(node);
  if (name !== undefined) return { kind: 'target', name, node };
  return unreadable(
    node,
    'names a step in a way that cannot be read before the run',
    'name steps as this.stepName; to choose at run time, use cases with { condition: … }',
  );
}

function unreadable(node: AnyNode, reason: string, hint: string): Unreadable {
  return { kind: 'unreadable', node, reason, hint };
}
