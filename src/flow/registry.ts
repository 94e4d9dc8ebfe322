import type {
  DefinitionProblem,
  FieldDefinition,
  FlowDefinition,
  ParameterDefinition,
} from '../model/definition.ts';
import { FlowError } from '../model/errors.ts';
import { flagName } from '../model/parameter-names.ts';
import { transientFields } from './decorators/transient.ts';
import { describeExitHooks, findExitHookProblems } from './exit-hooks.ts';
import { instantiate } from './flow-instance.ts';
import { FlowSpec } from './flow-spec.ts';
import { describeParameter, findParameterProblems } from './parameters/describe.ts';
import { isParameter, type Parameter } from './parameters/parameter.ts';
import { classChain, type FlowClass, isFlowClass, mutationOf, readSteps } from './steps.ts';

/**
 * Reads a class into its definition, with all its problems at once.
 *
 * @throws FlowError if the constructor throws; its error is the cause.
 */
export function describeFlow(flow: FlowClass, name = flow.name): FlowDefinition {
  const instance = construct(flow, name);
  const { steps, problems } = readSteps(flow);
  const own = ownFields(instance);
  const parameters = parametersOf(instance);
  const exitHooks = describeExitHooks(flow);
  const mutation = mutationOf(flow);
  return {
    name,
    classes: classChain(flow).map((owner) => ({
      name: owner === flow ? name : owner.name,
      text: Function.prototype.toString.call(owner),
    })),
    steps,
    parameters: describeParameters(parameters),
    fields: describeFields(instance),
    ...(exitHooks === undefined ? {} : { exitHooks }),
    ...(mutation === undefined ? {} : { mutations: mutation.digests }),
    problems: [
      ...problems,
      ...(mutation?.problems ?? []),
      ...[...parameters].flatMap(([field, parameter]) => findParameterProblems(field, parameter)),
      ...findClashes(parameters),
      ...findExitHookProblems(flow),
      ...findHidden([...own.keys(), ...steps.map((step) => step.name)]),
    ],
  };
}

/** The parameters of a fresh instance, in the order of their fields. */
export function parametersOf(instance: object): ReadonlyMap<string, Parameter> {
  const parameters = new Map<string, Parameter>();
  for (const [field, value] of ownFields(instance)) {
    if (isParameter(value)) parameters.set(field, value);
  }
  return parameters;
}

/**
 * The flows that a module exports: classes that extend FlowSpec and have a `start`. A class under
 * two names (its own and `default`) is there once; a CommonJS module's `module.exports` is searched.
 */
export function findFlows(moduleExports: object): ReadonlyMap<string, FlowClass> {
  const flows = new Map<string, FlowClass>();
  const seen = new Set<FlowClass>();
  for (const [exported, value] of listExports(moduleExports)) {
    if (!isFlowClass(value) || seen.has(value) || !hasStart(value)) continue;
    seen.add(value);
    flows.set(exported === 'default' && value.name !== '' ? value.name : exported, value);
  }
  return flows;
}

function construct(flow: FlowClass, name: string): object {
  try {
    return instantiate(flow);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new FlowError(`the constructor of ${name} threw: ${reason}`, {
      code: 'CONSTRUCTOR_THREW',
      hint: 'constructors and field initialisers run in every task; do the work in a step',
      cause: error,
    });
  }
}

/** What the fields of a fresh instance hold. Throws FlowError if the constructor throws. */
export function ownFieldsOf(flow: FlowClass, name: string): ReadonlyMap<string, unknown> {
  return ownFields(construct(flow, name));
}

function ownFields(instance: object): Map<string, unknown> {
  const fields = new Map<string, unknown>();
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(instance))) {
    if (property.enumerable === true) fields.set(name, property.value);
  }
  return fields;
}

function describeParameters(parameters: ReadonlyMap<string, Parameter>): ParameterDefinition[] {
  return [...parameters].map(([name, parameter]) => describeParameter(name, parameter));
}

function describeFields(instance: object): FieldDefinition[] {
  const transient = transientFields(instance);
  return [...ownFields(instance)]
    .filter(([, value]) => !isParameter(value))
    .map(([name, value]) => ({
      name,
      initialised: value !== undefined,
      transient: name.startsWith('_') || transient.has(name),
    }));
}

/** Two parameters that one flag would mean, e.g. `batchSize` and `batch_size`. */
function findClashes(parameters: ReadonlyMap<string, Parameter>): DefinitionProblem[] {
  const flags = new Map<string, string>();
  const problems: DefinitionProblem[] = [];
  for (const name of parameters.keys()) {
    const flag = flagName(name);
    const other = flags.get(flag);
    if (other === undefined) flags.set(flag, name);
    else {
      problems.push({
        code: 'parameter-clash',
        message: `the parameters "${other}" and "${name}" are both --${flag} on the command line`,
        hint: 'rename one of them',
        member: name,
      });
    }
  }
  return problems;
}

function findHidden(names: readonly string[]): DefinitionProblem[] {
  const members = new Set(Object.getOwnPropertyNames(FlowSpec.prototype));
  return names
    .filter((name) => members.has(name))
    .map((name) => ({
      code: 'reserved-name',
      message: `"${name}" is a member of FlowSpec, so no step, field or parameter may have that name`,
      hint: 'rename it',
      member: name,
    }));
}

/** Named exports first, so that a class has its own name. */
function listExports(moduleExports: object): [string, unknown][] {
  const named = Object.entries(moduleExports).filter(([name]) => name !== 'default');
  const byDefault: unknown = Reflect.get(moduleExports, 'default');
  const inner = typeof byDefault === 'object' && byDefault !== null ? byDefault : {};
  return [...named, ['default', byDefault], ...Object.entries(inner)];
}

function hasStart(flow: FlowClass): boolean {
  const prototype: object = flow.prototype;
  return 'start' in prototype && typeof prototype.start === 'function';
}
