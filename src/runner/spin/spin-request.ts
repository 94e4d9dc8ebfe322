import { didYouMean } from '../../base/suggest.ts';
import { FlowError } from '../../model/errors.ts';
import type { FlowGraph, GraphNode } from '../../model/graph.ts';
import { taskPath } from '../../model/ids.ts';
import { addPolicies } from '../../runtime/added-policy.ts';
import { refuseParameters } from '../../runtime/refuse-parameters.ts';
import { resolveOriginParameters } from '../../runtime/resume/origin-parameters.ts';
import { soundGraph } from '../../runtime/sound-graph.ts';
import type { SpinRequest } from '../../runtime/spin/spin-task.ts';
import { type Environment, secretsFrom } from '../environment-parameters.ts';
import type { SpinOrigin } from './find-spin-origin.ts';
import type { OpenedForSpin } from './open-for-spin.ts';
import { splitSetValues } from './split-set-values.ts';

/** What a spin starts with, beside who looks on and who may stop it. */
export type SpinBasis = Omit<SpinRequest, 'readers' | 'interrupts' | 'inspect' | 'cwd'>;

export interface SpinSettings {
  /** Values of fields and parameters that are to be others than the recorded ones. */
  readonly set: { readonly [name: string]: unknown };
  readonly environment: Environment;
}

/**
 * What the task started with then, with what is set instead now.
 *
 * @throws FlowError `FLOW_INVALID`, `STEP_UNKNOWN`, `STEP_CHANGED`, `OPTION_INVALID`, `PARAMETER_INVALID`.
 */
export async function spinRequest(
  { opened, origin, added }: OpenedForSpin,
  { set, environment }: SpinSettings,
): Promise<SpinBasis> {
  const node = sameStep(addPolicies(soundGraph(opened), added.policies), origin);
  const { fields, parameters } = splitSetValues(set, opened.definition);
  const secrets = secretsFrom(opened.definition.parameters, environment);
  const anew = { ...secrets, ...parameters };
  const outcome = await resolveOriginParameters(opened, origin.started, anew);
  const resolved = outcome.kind === 'resolved' ? outcome : refuseParameters(outcome.problems);
  return {
    origin: origin.started,
    graph: origin.graph,
    scheduler: origin.scheduler,
    task: origin.task,
    node,
    parameters: resolved.values,
    configs: resolved.configs,
    set: fields,
    store: origin.client.root,
  };
}

/** The step as it is today, if it can start with what it started with then. */
function sameStep({ nodes }: FlowGraph, { step, task }: SpinOrigin): GraphNode {
  const node = nodes.find(({ name }) => name === step.name);
  if (node === undefined) {
    const names = nodes.map(({ name }) => name);
    throw new FlowError(`The flow has no step "${step.name}" any more.`, {
      code: 'STEP_UNKNOWN',
      hint: didYouMean(step.name, names) ?? `its steps are ${names.join(', ')}`,
    });
  }
  if (node.takes === step.takes && node.levels.length === step.levels.length) return node;
  throw new FlowError(`The step "${step.name}" takes something else than in the run.`, {
    code: 'STEP_CHANGED',
    hint: `the inputs of ${taskPath(task)} do not fit it any more: run the flow again`,
  });
}
