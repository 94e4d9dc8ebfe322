import { didYouMean } from '../../base/suggest.ts';
import type { Client } from '../../client/client.ts';
import type { RunSummary } from '../../client/run-summary.ts';
import { FlowError } from '../../model/errors.ts';
import type { FlowGraph } from '../../model/graph.ts';
import { isPosition, type TaskPath } from '../../model/ids.ts';
import type { OriginRun } from '../../runtime/resume/origin-run.ts';
import { readOrigin } from '../../runtime/resume/read-origin.ts';
import { type Rerun, ResumePlan } from '../../runtime/resume/resume-plan.ts';
import { storedItems } from '../../runtime/resume/stored-items.ts';
import type { OpenedForResume } from './open-for-resume.ts';

/** What is to run again though it ended well. */
export interface RerunRequest {
  /** This step and all that follows from it. */
  readonly step?: string | undefined;
  /** These tasks, `step/task`, and all that follows from them; each text may hold several, with commas. */
  readonly rerun?: readonly string[];
  /** Goes on from a run that another host holds. */
  readonly steal?: boolean;
}

/**
 * Which tasks of the origin are taken over.
 *
 * @throws FlowError `ORIGIN_ALIVE`, `ORIGIN_HELD`, `STEP_UNKNOWN`, `TASK_NOT_FOUND`.
 */
export async function planResume(
  { graph, found }: Pick<OpenedForResume, 'found' | 'graph'>,
  request: RerunRequest,
  client: Client,
): Promise<ResumePlan> {
  refuseHeld(found, request.steal ?? false);
  const origin = readOrigin(found.dir, await client.graph(found));
  const rerun = readRerun(request, graph, origin);
  return new ResumePlan({ origin, graph, rerun, items: storedItems(client.blobs) });
}

function refuseHeld({ run, status, host }: RunSummary, steal: boolean): void {
  if (status === 'running') {
    throw new FlowError(`The run ${run} is still alive.`, {
      code: 'ORIGIN_ALIVE',
      hint: `wait for its end, or stop it: flow cancel ${run}`,
    });
  }
  if (status !== 'unknown' || steal) return;
  throw new FlowError(
    `The run ${run} is held by ${host ?? 'another host'}, and may be alive there.`,
    {
      code: 'ORIGIN_HELD',
      hint: 'if you know that it is dead, add --steal (in code: steal: true)',
    },
  );
}

function readRerun(
  { step, rerun = [] }: RerunRequest,
  { nodes }: FlowGraph,
  origin: OriginRun,
): Rerun {
  const names = nodes.map(({ name }) => name);
  if (step !== undefined && !names.includes(step)) {
    throw new FlowError(`The flow has no step "${step}".`, {
      code: 'STEP_UNKNOWN',
      hint: didYouMean(step, names) ?? `its steps are ${names.join(', ')}`,
    });
  }
  const paths = rerun
    .flatMap((text) => text.split(','))
    .map((text) => readTask(text.trim(), origin));
  return { steps: new Set(step === undefined ? [] : [step]), tasks: new Set(paths) };
}

function readTask(text: string, { tasks, unfinished, run }: OriginRun): TaskPath {
  const known = [...tasks.keys(), ...unfinished.keys()];
  const path = known.find((one) => one === text);
  if (path !== undefined) return path;
  const [, position = ''] = text.split('/');
  throw new FlowError(`The run ${run} has no task "${text}".`, {
    code: 'TASK_NOT_FOUND',
    hint: isPosition(position)
      ? (didYouMean(text, known) ?? 'see flow resume FILE --dry-run for its tasks')
      : 'write step/task, e.g. work/3, or start/0 for a step outside any foreach',
  });
}
