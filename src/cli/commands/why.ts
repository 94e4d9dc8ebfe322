import type { Json } from '../../base/json.ts';
import { openClient } from '../../client/client.ts';
import { explainTask, type Reason } from '../../client/explain-task.ts';
import { RunReading } from '../../client/run-reading.ts';
import { findTaskTarget } from '../../client/task-target.ts';
import { FlowError } from '../../model/errors.ts';
import { ROOT_POSITION, type TaskPath, taskPath } from '../../model/ids.ts';
import type { TakenTransition } from '../../model/task.ts';
import { describeFailure } from '../../observe/describe-failure.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import { storeFolder } from '../store-folder.ts';

/** `flow why`: what led to a task, or kept it from being. */
export async function why({ words, options, host }: CommandInput): Promise<CommandResult> {
  const client = openClient(storeFolder(options.text('store'), host));
  const { run, step, position } = await findTaskTarget(words[0] ?? '', client);
  const at = position ?? (step?.levels.length === 0 ? ROOT_POSITION : undefined);
  if (step === undefined || at === undefined) {
    throw new FlowError('why needs a task', {
      code: 'TARGET_INVALID',
      hint: 'write RUN/step/task, or RUN/step for a step outside foreaches and loops',
    });
  }
  const task = { step: step.name, position: at };
  const reasons = await explainTask(new RunReading(client, run), task);
  const plain: Json = JSON.parse(JSON.stringify(reasons, withoutPages));
  return {
    kind: 'data',
    data: { task: taskPath(task), reasons: plain },
    text: (colors) =>
      [colors.bold(taskPath(task)), ...reasons.map((reason) => `  ${describeReason(reason)}`)].join(
        '\n',
      ),
  };
}

/** Items of a foreach are named by where the store has them: of no use to a reader. */
function withoutPages(key: string, value: unknown): unknown {
  return key === 'pages' ? undefined : value;
}

function describeReason(reason: Reason): string {
  switch (reason.kind) {
    case 'begins-the-flow':
      return 'it begins the flow';
    case 'led-to-by':
      return `${listed(reason.tasks)} led to it`;
    case 'taken-over':
      return `its result was taken over from run ${reason.origin}: it ended well there, and nothing above it changed`;
    case 'not-done-in-origin':
      return reason.status === 'absent'
        ? `it did not run in the origin ${reason.origin}, so it ran here`
        : `it had not ended well in the origin ${reason.origin} (${reason.status}), so it ran here`;
    case 'ran-again':
      return reason.inputs.length === 0
        ? `it had ended well in the origin ${reason.origin}, but what it starts with is not the same, or it was asked to run again`
        : `it had ended well in the origin ${reason.origin}, but ${listed(reason.inputs)} ran again before it`;
    case 'failed':
      return `attempt ${reason.attempt} failed: ${describeFailure(reason.failure)}${FOLLOWED[reason.then]}`;
    case 'running':
      return 'it is running';
    case 'went-elsewhere':
      return `it never was: ${reason.task} ${describeTransition(reason.transition)}`;
    case 'waits-for':
      return `it has not started: it waits for ${reason.task}`;
    case 'needs-failed':
      return `it never was: ${reason.task} failed${reason.failure === undefined ? '' : `, since ${describeFailure(reason.failure)}`}`;
    case 'no-such-place':
      return 'it never was: its foreach has no such item, or its loop no such round';
    case 'run-stopped':
      return `the run was stopped: ${reason.reason}`;
  }
}

const FOLLOWED = {
  retry: '; it was tried again',
  catch: '; @catchError took it, and the flow went on',
  replace: '; it was placed again, without counting',
  'give-up': '; that was its last attempt',
};

function describeTransition(transition: TakenTransition): string {
  switch (transition.kind) {
    case 'switch':
      return `took the case ${transition.label}, to ${transition.to}`;
    case 'next':
      return `went to ${transition.to.join(' and ')}`;
    case 'end':
      return 'ended the flow';
    case 'foreach':
    case 'gang':
      return `went to ${transition.to}, ${transition.size} times`;
  }
}

const SHOWN = 5;

function listed(tasks: readonly TaskPath[]): string {
  const more = tasks.length - SHOWN;
  return `${tasks.slice(0, SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
