import { formatMemory } from '../../base/byte-size.ts';
import { formatDurationMs } from '../../base/duration.ts';
import type { Json } from '../../base/json.ts';
import { openClient } from '../../client/client.ts';
import type { Usage } from '../../model/events.ts';
import type { AttemptView, TaskView } from '../../model/run-view.ts';
import { describeFailure } from '../../observe/describe-failure.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import { formatTable } from '../format-table.ts';
import type { Colors } from '../host.ts';
import { storeFolder } from '../store-folder.ts';
import { findTaskTarget } from '../task-target.ts';

/** `flow show RUN`: what a run's tasks came to and used, by step; `RUN/step` shows each attempt. */
export async function showRun({ words, options, host }: CommandInput): Promise<CommandResult> {
  const client = openClient(storeFolder(options.text('store'), host));
  const target = await findTaskTarget(words[0] ?? '', client);
  const { status, run, flow } = client.summary(target.run);
  const view = await client.readRun(target.run);
  const tasks = [...view.tasks.values()].filter(
    (task) =>
      (target.step === undefined || task.step === target.step.name) &&
      (target.position === undefined || task.position === target.position),
  );
  const attempts = tasks.flatMap((task) => task.attempts.map((attempt) => ({ task, attempt })));
  const data: Json = JSON.parse(
    JSON.stringify({ flow, run, status, attempts: attempts.map(attemptData) }),
  );
  return {
    kind: 'data',
    data,
    text: (colors) =>
      [
        `${colors.bold(`${flow}/${run}`)} ${status}`,
        target.step === undefined ? stepTable(tasks) : attemptTable(attempts, colors),
      ].join('\n'),
  };
}

interface Shown {
  readonly task: TaskView;
  readonly attempt: AttemptView;
}

function attemptData({ task, attempt }: Shown) {
  const { launchedAt, endedAt, failure, usage } = attempt;
  return {
    step: task.step,
    task: task.position,
    attempt: attempt.attempt,
    status: outcomeOf(attempt),
    launchedAt: new Date(launchedAt).toISOString(),
    endedAt: endedAt === undefined ? null : new Date(endedAt).toISOString(),
    usage: usage ?? null,
    failure: failure ?? null,
  };
}

function outcomeOf({ endedAt, failure }: AttemptView): 'running' | 'succeeded' | 'failed' {
  if (endedAt === undefined) return 'running';
  return failure === undefined ? 'succeeded' : 'failed';
}

/** Times are sums, memory is the most. */
function stepTable(tasks: readonly TaskView[]): string {
  const steps = new Map<string, TaskView[]>();
  for (const task of tasks) steps.set(task.step, [...(steps.get(task.step) ?? []), task]);
  const rows = [...steps].map(([step, ofStep]) => {
    const usages = ofStep.flatMap((task) => task.attempts.flatMap(({ usage }) => usage ?? []));
    return [step, String(ofStep.length), ...usageCells(total(usages))];
  });
  return formatTable([['step', 'tasks', ...USAGE_HEADINGS], ...rows]);
}

function total(usages: readonly Usage[]): Usage {
  const sum = (figure: (usage: Usage) => number): number =>
    usages.reduce((all, usage) => all + figure(usage), 0);
  return {
    wallMs: sum(({ wallMs }) => wallMs),
    queuedMs: sum(({ queuedMs = 0 }) => queuedMs),
    cpuMs: sum(({ cpuMs = 0 }) => cpuMs),
    peakRssBytes: Math.max(0, ...usages.map(({ peakRssBytes = 0 }) => peakRssBytes)),
  };
}

function attemptTable(attempts: readonly Shown[], colors: Colors): string {
  const rows = attempts.map(({ task, attempt }) => [
    `${task.step}/${task.position}`,
    String(attempt.attempt),
    outcomeOf(attempt),
    ...(attempt.usage === undefined ? ['', '', '', ''] : usageCells(attempt.usage)),
    attempt.failure === undefined ? '' : colors.red(describeFailure(attempt.failure)),
  ]);
  return formatTable([['task', 'attempt', 'status', ...USAGE_HEADINGS, ''], ...rows]);
}

const USAGE_HEADINGS = ['queued', 'wall', 'CPU', 'memory'];

function usageCells({ queuedMs, wallMs, cpuMs, peakRssBytes }: Usage): readonly string[] {
  const time = (ms: number | undefined): string => (ms === undefined ? '' : formatDurationMs(ms));
  const memory = peakRssBytes === undefined ? '' : formatMemory(peakRssBytes);
  return [time(queuedMs), time(wallMs), time(cpuMs), memory];
}
