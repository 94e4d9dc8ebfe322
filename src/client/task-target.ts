import { didYouMean } from '../base/suggest.ts';
import { FlowError } from '../model/errors.ts';
import type { GraphNode } from '../model/graph.ts';
import { isPosition, type Position } from '../model/ids.ts';
import type { Client } from './client.ts';
import type { RunReference } from './run-reference.ts';

/** `run[/step[/task]]`, where the run may be named as `Flow/run` too. */
export interface TaskTarget {
  readonly run: RunReference;
  readonly step?: GraphNode;
  readonly position?: Position;
}

/** The same, or one artifact of a task. */
export interface ArtifactTarget extends TaskTarget {
  readonly artifact?: string;
}

/** Throws FlowError: no such run or step, an ambiguous run, or no task id. */
export async function findTaskTarget(text: string, client: Client): Promise<TaskTarget> {
  const { artifact, ...target } = await findArtifactTarget(text, client);
  if (artifact === undefined) return target;
  throw new FlowError(`"${text}" has too many parts`, {
    code: 'TARGET_INVALID',
    hint: 'write RUN, RUN/step or RUN/step/task',
  });
}

/** Throws the same; whether there is such an artifact is not looked at. */
export async function findArtifactTarget(text: string, client: Client): Promise<ArtifactTarget> {
  const flows = await client.flows();
  const parts = text.split('/');
  const ofRun = flows.includes(parts[0] ?? '') && parts.length > 1 ? 2 : 1;
  const run = await client.findRun(parts.slice(0, ofRun).join('/'));
  const [step, task, artifact, ...more] = parts.slice(ofRun);
  if (more.length > 0) {
    throw new FlowError(`"${text}" has too many parts`, {
      code: 'TARGET_INVALID',
      hint: 'a full name is Flow/RUN/step/task/artifact',
    });
  }
  if (step === undefined || step === '') return { run };
  const { nodes } = await client.graph(run);
  const node = nodes.find(({ name }) => name === step);
  if (node === undefined) throw stepUnknown(step, nodes);
  if (task === undefined || task === '') return { run, step: node };
  if (!isPosition(task)) {
    throw new FlowError(`"${task}" is no task id`, {
      code: 'TARGET_INVALID',
      hint: 'a task id is its place in foreaches and loops, e.g. 0, 3, or 3.r2',
    });
  }
  return { run, step: node, position: task, ...(artifact === undefined ? {} : { artifact }) };
}

function stepUnknown(step: string, nodes: readonly GraphNode[]): FlowError {
  const names = nodes.map(({ name }) => name);
  return new FlowError(`the run has no step "${step}"`, {
    code: 'STEP_UNKNOWN',
    hint: didYouMean(step, names) ?? `its steps are ${names.join(', ')}`,
  });
}
