import { classChain, type FlowClass } from '../steps.ts';
import type { FlowMutatorDefinition } from './mutable-flow.ts';

/** One use of a mutator. */
export interface MutatorUse {
  readonly definition: FlowMutatorDefinition<unknown>;
  /** Its options, if there are some. */
  readonly given: readonly unknown[];
}

/** What stands on a class, or in its list: plain JavaScript may list anything. */
export interface FoundMutator {
  readonly mutator: unknown;
  /** In the class chain. */
  readonly classIndex: number;
}

type Marked = object & {
  readonly [USE]?: MutatorUse;
  readonly [MUTATORS]?: readonly unknown[];
};

/** On mutators, over several copies of this package. */
const USE = Symbol.for('millrace.mutatorUse');
/** On classes: the mutators that stand on them. */
const MUTATORS = Symbol.for('millrace.mutators');

/** In the order in which they run. */
export function mutatorsOf(flow: FlowClass): readonly FoundMutator[] {
  return classChain(flow)
    .map((owner, classIndex) => ownMutators(owner).map((mutator) => ({ mutator, classIndex })))
    .toReversed()
    .flat();
}

function ownMutators(owner: FlowClass): readonly unknown[] {
  const listed: unknown = Object.getOwnPropertyDescriptor(owner, 'mutators')?.value;
  if (listed === undefined) return markedMutators(owner);
  // What is no list counts as something that is no mutator.
  return [...markedMutators(owner), ...(Array.isArray(listed) ? listed : [undefined])];
}

/** Those that stand on this very class, in source order. */
export function markedMutators(owner: Marked): readonly unknown[] {
  return Object.hasOwn(owner, MUTATORS) ? (owner[MUTATORS] ?? []) : [];
}

export function markMutators(owner: object, mutators: readonly unknown[]): void {
  Object.defineProperty(owner, MUTATORS, { value: mutators, configurable: true });
}

/** Undefined for anything that is no mutator, with or without its options. */
export function useOf(mutator: unknown): MutatorUse | undefined {
  if (typeof mutator !== 'function') return undefined;
  const marked: Marked = mutator;
  return marked[USE];
}

/** Makes a function a mutator. */
export function markUse(mutator: object, use: MutatorUse): object {
  return Object.defineProperty(mutator, USE, { value: use });
}
