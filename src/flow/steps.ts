import { didYouMean } from '../base/suggest.ts';
import type { DefinitionProblem, StepDefinition } from '../model/definition.ts';
import { FLOW_SPEC } from './flow-spec.ts';
import type { Mutation } from './mutators/mutation.ts';
import type { SecretSources } from './secret-source.ts';
import { markOf, type PolicyPart } from './step-mark.ts';
import { mergeParts, readTableEntry, tableOf } from './step-table.ts';
import type { StepWrapper } from './step-wrapper.ts';

/**
 * The steps of a flow, read from its class chain: marked methods and `static steps`. A method that
 * overrides a step is one too; it keeps the place, and, unless it is marked itself, the decorators
 * of what it overrides.
 */
export interface FlowSteps {
  readonly steps: readonly StepDefinition[];
  readonly problems: readonly DefinitionProblem[];
  /** By step: what runs around it, the outermost first. */
  readonly wrappers: ReadonlyMap<string, readonly StepWrapper[]>;
  /** By step: its decorators, the outermost first. */
  readonly parts: ReadonlyMap<string, readonly PolicyPart[]>;
  /** By step, of those that have some. */
  readonly secrets: ReadonlyMap<string, SecretSources>;
}

/** A class of a flow, or one of its bases. */
export type FlowClass = (new () => object) & { readonly [FLOW_SPEC]?: true };

/** The flow's class first, then its bases, up to (not including) FlowSpec. */
export function classChain(flow: FlowClass): readonly FlowClass[] {
  const chain: FlowClass[] = [];
  for (let at: unknown = flow; isFlowClass(at); at = Object.getPrototypeOf(at)) {
    if (Object.hasOwn(at, FLOW_SPEC)) break;
    chain.push(at);
  }
  return chain;
}

export function isFlowClass(value: unknown): value is FlowClass {
  return typeof value === 'function' && FLOW_SPEC in value;
}

/** Parts that every step gets which has none of their decorator, outside its own. */
const ADDED = new WeakMap<FlowClass, readonly PolicyPart[]>();
/** What mutators made; kept per flow, because flows share the methods of their bases. */
const MUTATED = new WeakMap<FlowClass, Mutation>();
const READ = new WeakMap<FlowClass, FlowSteps>();

/** For `--with`: call it before the steps are read for the first time. */
export function addToEveryStep(flow: FlowClass, parts: readonly PolicyPart[]): void {
  ADDED.set(flow, parts);
  READ.delete(flow);
}

/** From now on the flow is what its mutators have made of it. */
export function keepMutation(flow: FlowClass, mutation: Mutation): void {
  MUTATED.set(flow, mutation);
  READ.delete(flow);
}

/** Undefined before its mutators have run, and for a flow that has none. */
export function mutationOf(flow: FlowClass): Mutation | undefined {
  return MUTATED.get(flow);
}

/** A class is read once: what decorators left on it does not change after. */
export function readSteps(flow: FlowClass): FlowSteps {
  const known = READ.get(flow);
  if (known !== undefined) return known;
  const steps = readClasses(flow);
  READ.set(flow, steps);
  return steps;
}

function readClasses(flow: FlowClass): FlowSteps {
  const found = new Map<string, FoundStep>();
  const problems: DefinitionProblem[] = [];
  const chain = classChain(flow);
  for (const [fromBase, owner] of chain.toReversed().entries()) {
    problems.push(...readClass(owner, { found, classIndex: chain.length - 1 - fromBase }));
  }
  const steps: StepDefinition[] = [];
  const wrappers = new Map<string, readonly StepWrapper[]>();
  const allParts = new Map<string, readonly PolicyPart[]>();
  const secrets = new Map<string, SecretSources>();
  const mutated = mutationOf(flow)?.parts;
  for (const [name, step] of found) {
    const { isStep, method, classIndex } = step;
    const parts = mutated?.get(name) ?? withAdded(step.parts, ADDED.get(flow) ?? []);
    const merged = mergeParts(name, parts);
    problems.push(...merged.problems);
    if (!isStep) {
      problems.push(notAStep(name, step.parts));
      continue;
    }
    const { policy } = merged;
    const decorators = parts.map(({ text }) => text);
    steps.push({ name, classIndex, arity: method.length, policy, decorators });
    allParts.set(name, parts);
    wrappers.set(
      name,
      parts.flatMap(({ wrapper }) => wrapper ?? []),
    );
    const sources = parts.find((part) => part.secrets !== undefined)?.secrets;
    if (sources !== undefined) secrets.set(name, sources);
  }
  return { steps, problems, wrappers, parts: allParts, secrets };
}

function withAdded(
  own: readonly PolicyPart[],
  added: readonly PolicyPart[],
): readonly PolicyPart[] {
  const names = new Set(own.map(({ decorator }) => decorator));
  return [...added.filter(({ decorator }) => !names.has(decorator)), ...own];
}

type Method = (...args: never) => unknown;

interface FoundStep {
  readonly method: Method;
  readonly classIndex: number;
  readonly isStep: boolean;
  readonly parts: readonly PolicyPart[];
}

interface ReadingClass {
  /** What the base classes have; this class's methods are added. */
  readonly found: Map<string, FoundStep>;
  readonly classIndex: number;
}

function readClass(owner: FlowClass, reading: ReadingClass): DefinitionProblem[] {
  const methods = ownMethods(owner);
  for (const [name, method] of methods) addMethod(name, method, reading);
  return Object.entries(tableOf(owner) ?? {}).flatMap(([name, entry]) =>
    addEntry(name, entry, { ...reading, methods }),
  );
}

function addMethod(name: string, method: Method, { found, classIndex }: ReadingClass): void {
  const inherited = found.get(name);
  const mark = markOf(method);
  if (inherited === undefined && mark === undefined) return;
  const isStep = inherited?.isStep === true || mark?.isStep === true;
  found.set(name, { method, classIndex, isStep, parts: mark?.parts ?? inherited?.parts ?? [] });
}

interface ReadingTable extends ReadingClass {
  /** This class's own. */
  readonly methods: ReadonlyMap<string, Method>;
}

/** An entry adds to the method's own decorators, and replaces what a base class said of it. */
function addEntry(name: string, entry: unknown, reading: ReadingTable): DefinitionProblem[] {
  const { found, classIndex, methods } = reading;
  const { parts, problems } = readTableEntry(name, entry);
  const own = methods.get(name);
  const inherited = found.get(name);
  if (own !== undefined) {
    const marked = markOf(own)?.parts ?? [];
    found.set(name, { method: own, classIndex, isStep: true, parts: [...marked, ...parts] });
  } else if (inherited !== undefined) {
    found.set(name, { ...inherited, isStep: true, parts });
  } else {
    return [...problems, missingMethod(name, [...methods.keys()])];
  }
  return [...problems];
}

function ownMethods(owner: FlowClass): Map<string, Method> {
  const methods = new Map<string, Method>();
  const prototype: object = owner.prototype;
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (name !== 'constructor' && isMethod(property.value)) methods.set(name, property.value);
  }
  return methods;
}

function isMethod(value: unknown): value is Method {
  return typeof value === 'function';
}

function notAStep(name: string, parts: readonly PolicyPart[]): DefinitionProblem {
  return {
    code: 'decorator-without-step',
    message: `the method "${name}" has @${parts[0]?.decorator ?? 'retry'} but is no step`,
    hint: 'add @step in front of it',
    member: name,
  };
}

function missingMethod(name: string, methods: readonly string[]): DefinitionProblem {
  return {
    code: 'step-without-method',
    message: `static steps names "${name}", which is not a method of the flow`,
    hint: didYouMean(name, methods) ?? 'write the method, or remove the entry',
    member: name,
  };
}
