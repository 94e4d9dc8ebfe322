import type { ParameterProblem } from '../model/definition.ts';
import { FlowError } from '../model/errors.ts';

/** All that is wrong with the parameters, as one error. */
export function refuseParameters(problems: readonly ParameterProblem[]): never {
  const [only, ...others] = problems;
  const code = 'PARAMETER_INVALID';
  if (only !== undefined && others.length === 0) {
    throw new FlowError(only.message, { code, ...hintOf(only) });
  }
  throw new FlowError(`${problems.length} parameters cannot be used`, {
    code,
    diagnostics: problems.map((problem) => ({
      code: 'parameter-invalid',
      severity: 'error',
      message: problem.message,
      ...hintOf(problem),
    })),
  });
}

function hintOf({ hint }: ParameterProblem): { readonly hint?: string } {
  return hint === undefined ? {} : { hint };
}
