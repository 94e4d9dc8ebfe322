import type { OpenedFlow } from '../../runtime/open-flow.ts';
import { refuseParameters } from '../../runtime/refuse-parameters.ts';
import { resolveOriginParameters } from '../../runtime/resume/origin-parameters.ts';
import type { ResumePlan } from '../../runtime/resume/resume-plan.ts';
import type { RunRequest } from '../../runtime/run-flow.ts';
import { type Environment, secretsFrom } from '../environment-parameters.ts';

/** The origin's parameters and configs, validated by the flow as it is now; secrets are asked for anew. */
export async function resumeValues(
  opened: OpenedFlow,
  { origin: { started } }: ResumePlan,
  environment: Environment,
): Promise<Pick<RunRequest, 'parameters' | 'configs' | 'given'>> {
  const secrets = secretsFrom(opened.definition.parameters, environment);
  const outcome = await resolveOriginParameters(opened, started, secrets);
  const { values, configs } =
    outcome.kind === 'resolved' ? outcome : refuseParameters(outcome.problems);
  return { parameters: values, configs, given: started.given ?? {} };
}
