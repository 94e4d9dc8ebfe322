import type { Awaitable } from '../base/awaitable.ts';
import { didYouMean } from '../base/suggest.ts';
import type { RequestedCase, RequestedTransition } from '../flow/transition.ts';
import { FlowError } from '../model/errors.ts';
import type { GraphTransition } from '../model/graph.ts';
import type { ItemPage, TakenTransition, TaskSpec } from '../model/task.ts';
import { type KeyOf, keysOfItems } from './item-keys.ts';

export interface TransitionContext {
  readonly spec: TaskSpec;
  /** Writes foreach items in pages; refuses more than the run allows before anything is kept. */
  readonly writeItems: (items: Iterable<unknown>, keyOf?: KeyOf) => Promise<WrittenItems>;
  /** Hands items on as they come, page by page. */
  readonly streamItems: (stream: RequestedStream) => Promise<WrittenItems>;
}

export interface RequestedStream {
  readonly to: string;
  readonly items: AsyncIterable<unknown>;
  readonly keyOf: KeyOf | undefined;
}

export interface WrittenItems {
  readonly size: number;
  readonly pages: readonly ItemPage[];
}

/**
 * How a step ends, from what it asked of `next` and what the graph allows it. The graph was parsed
 * from the method's text; code that asks for something else than its text says is refused here.
 */
export function takeTransition(
  requested: RequestedTransition | undefined,
  context: TransitionContext,
): Awaitable<TakenTransition> {
  const { step, transition: allowed } = context.spec;
  if (requested === undefined) {
    if (allowed.kind === 'end') return { kind: 'end' };
    throw new FlowError(`the step "${step}" ended without calling this.next`, {
      code: 'NEXT_MISSING',
      hint: `end it with ${exampleOf(allowed)}`,
    });
  }
  switch (requested.kind) {
    case 'next':
      requireTransition(requested, requested.to, context.spec);
      return { kind: 'next', to: requested.to };
    case 'foreach':
      requireTransition(requested, [requested.to], context.spec);
      return takeForeach(requested, context);
    case 'switch': {
      const targets = requested.cases.map(({ to }) => to);
      requireTransition(requested, targets, context.spec);
      return { kind: 'switch', ...chooseCase(requested.cases, requested.condition, step) };
    }
    case 'gang':
      requireTransition(requested, [requested.to], context.spec);
      return takeGang(requested, context);
  }
}

type RequestedForeach = Extract<RequestedTransition, { readonly kind: 'foreach' }>;

async function takeForeach(
  { to, items, key }: RequestedForeach,
  { spec, writeItems, streamItems }: TransitionContext,
): Promise<TakenTransition> {
  const { step, parallel } = spec;
  const keyOf = key === undefined ? undefined : keysOfItems(step, key);
  if (isIterable(items)) return { kind: 'foreach', to, ...(await writeItems(items, keyOf)) };
  if (!isAsyncIterable(items)) throw notIterable(items, step);
  if (parallel !== undefined) throw streamInGang(step);
  return { kind: 'foreach', to, ...(await streamItems({ to, items, keyOf })) };
}

/** Whether there is room for a gang, the scheduler says; so many there never is. */
const MOST_PARALLEL = 10_000;

/** Its members are items like others: their numbers. */
async function takeGang(
  { to, size }: { readonly to: string; readonly size: number },
  { spec, writeItems }: TransitionContext,
): Promise<TakenTransition> {
  if (size <= MOST_PARALLEL) {
    const numbers = Array.from({ length: size }, (_, index) => index);
    return { kind: 'gang', to, ...(await writeItems(numbers)) };
  }
  throw new FlowError(`the step "${spec.step}" asked for a gang of ${size} tasks`, {
    code: 'GANG_NEVER_FITS',
    hint: 'the tasks of a gang run at the same time; for tasks that may take turns use a foreach',
  });
}

/** Its items would start before it is known whether the gang as a whole succeeds. */
function streamInGang(step: string): FlowError {
  return new FlowError(`the step "${step}" runs in a gang, and its foreach got an async iterable`, {
    code: 'FOREACH_IN_GANG',
    hint: 'gather the items first, or let the step lead to one of its own that yields them',
  });
}

function requireTransition(
  requested: { readonly kind: GraphTransition['kind'] },
  targets: readonly string[],
  { step, transition }: TaskSpec,
): void {
  const known = targetsOf(transition);
  const unknown = targets.find((name) => !known.includes(name));
  if (
    requested.kind === transition.kind &&
    unknown === undefined &&
    targets.length === known.length
  ) {
    return;
  }
  const suggestion = unknown === undefined ? undefined : didYouMean(unknown, known);
  throw new FlowError(
    `the step "${step}" asked for ${phrase(requested.kind, targets)}, but its text says ${phrase(transition.kind, known)}`,
    {
      code: 'NEXT_UNEXPECTED',
      hint:
        suggestion ??
        'name the steps directly in the call of this.next, so that the graph can be read from it',
    },
  );
}

function targetsOf(transition: GraphTransition): readonly string[] {
  switch (transition.kind) {
    case 'end':
      return [];
    case 'next':
      return transition.to;
    case 'foreach':
    case 'gang':
      return [transition.to];
    case 'switch':
      return transition.cases.map(({ to }) => to);
  }
}

function notIterable(items: unknown, step: string): FlowError {
  return new FlowError(
    `the foreach of "${step}" got ${describeValue(items)}, which is not a list of items`,
    {
      code: 'FOREACH_NOT_ITERABLE',
      hint:
        typeof items === 'string'
          ? 'for its characters, spread it: { foreach: [...text] }'
          : 'give it an array, a Set, a Map, or another iterable or async iterable',
    },
  );
}

function isIterable(items: unknown): items is Iterable<unknown> {
  return typeof items === 'object' && items !== null && Symbol.iterator in items;
}

function isAsyncIterable(items: unknown): items is AsyncIterable<unknown> {
  return typeof items === 'object' && items !== null && Symbol.asyncIterator in items;
}

function chooseCase(
  cases: readonly RequestedCase[],
  condition: unknown,
  step: string,
): RequestedCase {
  const isKey = ['string', 'number', 'boolean'].includes(typeof condition);
  const found = isKey ? cases.find(({ label }) => label === String(condition)) : undefined;
  if (found !== undefined) return { label: found.label, to: found.to };
  const labels = cases.map(({ label }) => label);
  const suggestion = typeof condition === 'string' ? didYouMean(condition, labels) : undefined;
  throw new FlowError(
    `the switch of "${step}" has no case for ${describeValue(condition)}; its cases are ${labels.map((label) => `"${label}"`).join(', ')}`,
    { code: 'SWITCH_NO_CASE', hint: suggestion ?? 'add a case for each value of the condition' },
  );
}

function describeValue(value: unknown): string {
  if (typeof value === 'string') return `the text ${JSON.stringify(value.slice(0, 80))}`;
  if (typeof value === 'number' || typeof value === 'boolean')
    return `the ${typeof value} ${value}`;
  return value === undefined || value === null ? `${value}` : `a value of type ${typeof value}`;
}

function phrase(kind: GraphTransition['kind'], targets: readonly string[]): string {
  const names = targets.map((name) => `"${name}"`).join(', ');
  switch (kind) {
    case 'end':
      return 'nothing to follow';
    case 'next':
      return `next to ${names}`;
    case 'foreach':
      return `a foreach over ${names}`;
    case 'switch':
      return `a switch to ${names}`;
    case 'gang':
      return `a gang of ${names}`;
  }
}

/** The call that the step's text has. */
function exampleOf(transition: GraphTransition): string {
  const targets = targetsOf(transition).map((name) => `this.${name}`);
  switch (transition.kind) {
    case 'foreach':
      return `this.next(${targets.join()}, { foreach: this.items })`;
    case 'switch':
      return `this.next({ ${transition.cases.map(({ label, to }) => `${label}: this.${to}`).join(', ')} }, { condition: … })`;
    case 'gang':
      return `this.next(${targets.join()}, { numParallel: 2 })`;
    case 'end':
    case 'next':
      return `this.next(${targets.join(', ')})`;
  }
}
