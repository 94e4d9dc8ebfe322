import type { Client } from '../../client/client.ts';
import type { RunReference } from '../../client/run-reference.ts';
import { findTaskTarget, type TaskTarget } from '../../client/task-target.ts';
import { FlowError } from '../../model/errors.ts';
import type { RunStarted } from '../../model/events.ts';
import type { FlowGraph, GraphNode } from '../../model/graph.ts';
import { ROOT_POSITION, type TaskId, taskPath } from '../../model/ids.ts';
import { readOriginUntil } from '../../runtime/resume/read-origin.ts';
import type { Scheduler } from '../../runtime/scheduler/scheduler.ts';

/** What is known of the task before any code is loaded. */
export interface SpinOrigin {
  readonly client: Client;
  readonly run: RunReference;
  readonly started: RunStarted;
  readonly graph: FlowGraph;
  readonly step: GraphNode;
  readonly task: TaskId;
  /** The run's scheduler as it was when it launched the task. */
  readonly scheduler: Scheduler;
}

/**
 * Finds what a person names as `run/step` or `run/step/task`.
 *
 * @throws FlowError `TARGET_INVALID`, `RUN_NOT_FOUND`, `STEP_UNKNOWN`, `TASK_NOT_FOUND`, `INPUTS_GONE`.
 */
export async function findSpinOrigin(text: string, client: Client): Promise<SpinOrigin> {
  const { run, step, position } = await findTaskTarget(text, client);
  if (step === undefined) {
    throw new FlowError('spin needs a step', {
      code: 'TARGET_INVALID',
      hint: 'write RUN/step, or RUN/step/task',
    });
  }
  const task = await chooseTask(client, { run, step, ...(position && { position }) });
  const graph = await client.graph(run);
  const scheduler = readOriginUntil(run.dir, graph, taskPath(task));
  if (scheduler === undefined) {
    throw new FlowError(`What ${taskPath(task)} started with is not on record.`, {
      code: 'INPUTS_GONE',
      hint: 'what ran before it has not ended well: name another task, or resume the run first',
    });
  }
  return { client, run, started: client.started(run), graph, step, task, scheduler };
}

/** The named one; else the first of the step that failed, else its first. */
async function chooseTask(
  client: Client,
  { run, step, position }: Required<Pick<TaskTarget, 'run' | 'step'>> & TaskTarget,
): Promise<TaskId> {
  const view = await client.readRun(run);
  const tasks = [...view.tasks.values()].filter((task) => task.step === step.name);
  if (position === undefined) {
    const chosen = tasks.find(({ status }) => status === 'failed') ?? tasks[0];
    if (chosen !== undefined) return chosen;
  }
  const id = { step: step.name, position: position ?? ROOT_POSITION };
  // It says which tasks there are.
  return client.task(run, id);
}
