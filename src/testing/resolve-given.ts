import type { ArtifactTable } from '../model/artifact.ts';
import type { ParameterProblem, RawParameter } from '../model/definition.ts';
import type { InlineClass } from '../model/ports/inline-worker.ts';
import type { TaskSpec } from '../model/task.ts';
import { rawParameters } from '../runner/parameter-values.ts';
import { refuseParameters } from '../runtime/refuse-parameters.ts';

/** The parameters of a test: those given, else the recorded ones, else the defaults. */
export async function resolveGiven(
  { definition, resolveParameters }: Pick<InlineClass, 'definition' | 'resolveParameters'>,
  given: object,
  recorded?: TaskSpec,
): Promise<ArtifactTable> {
  const definitions = definition.parameters;
  const raw: { [name: string]: RawParameter } = Object.create(null);
  for (const { name, kind } of definitions) {
    const value = recorded?.parameters[name];
    if (value !== undefined && kind !== 'schema') raw[name] = { from: 'origin', value };
  }
  Object.assign(raw, rawParameters({ ...given }, definitions, {}));
  const outcome = await resolveParameters(raw);
  return outcome.kind === 'resolved' ? outcome.values : refuseGiven(outcome.problems);
}

/** Says what a test can do about each. */
export function refuseGiven(problems: readonly ParameterProblem[]): never {
  return refuseParameters(
    problems.map((problem) => {
      const { hint, parameter } = problem;
      const isMissing = hint?.startsWith('give --') === true;
      return isMissing ? { ...problem, hint: `give it: parameters: { ${parameter}: … }` } : problem;
    }),
  );
}
