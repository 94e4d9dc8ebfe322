import { formatMemory } from '../base/byte-size.ts';
import { formatDurationMs } from '../base/duration.ts';
import type { Usage } from '../model/events.ts';
import { taskPath } from '../model/ids.ts';
import type { AttemptView, TaskView } from '../model/run-view.ts';
import { describeFailure } from '../observe/describe-failure.ts';
import { formatTable } from './format-table.ts';
import type { Colors } from './host.ts';

const HEADINGS = ['task', 'attempt', 'status', 'queued', 'wall', 'CPU', 'memory', ''];

/** Each attempt with what it used and why it failed; a task that was taken over has none. */
export function attemptTable(tasks: readonly TaskView[], colors: Colors): string {
  const rows = tasks.flatMap((task) =>
    task.attempts.length === 0
      ? [[taskPath(task), '', task.status]]
      : task.attempts.map((attempt) => attemptRow(task, attempt, colors)),
  );
  return formatTable([HEADINGS, ...rows]);
}

function attemptRow(task: TaskView, attempt: AttemptView, colors: Colors): readonly string[] {
  const { failure, usage } = attempt;
  return [
    taskPath(task),
    String(attempt.attempt),
    outcomeOf(attempt),
    ...(usage === undefined ? ['', '', '', ''] : usageCells(usage)),
    failure === undefined ? '' : colors.red(describeFailure(failure)),
  ];
}

function outcomeOf({ endedAt, failure }: AttemptView): 'running' | 'succeeded' | 'failed' {
  if (endedAt === undefined) return 'running';
  return failure === undefined ? 'succeeded' : 'failed';
}

function usageCells({ queuedMs, wallMs, cpuMs, peakRssBytes }: Usage): readonly string[] {
  const time = (ms: number | undefined): string => (ms === undefined ? '' : formatDurationMs(ms));
  const memory = peakRssBytes === undefined ? '' : formatMemory(peakRssBytes);
  return [time(queuedMs), time(wallMs), time(cpuMs), memory];
}

/** What the attempts of each step used: times are sums, memory is the most. */
export function usageBySteps(tasks: readonly TaskView[]): ReadonlyMap<string, Usage> {
  const steps = new Map<string, Usage>();
  for (const { step, attempts } of tasks) {
    for (const { usage } of attempts) {
      if (usage !== undefined) steps.set(step, sumUsage(steps.get(step), usage));
    }
  }
  return steps;
}

function sumUsage(sum: Usage | undefined, usage: Usage): Usage {
  const { queuedMs = 0, cpuMs = 0, peakRssBytes = 0 } = usage;
  return {
    wallMs: (sum?.wallMs ?? 0) + usage.wallMs,
    queuedMs: (sum?.queuedMs ?? 0) + queuedMs,
    cpuMs: (sum?.cpuMs ?? 0) + cpuMs,
    peakRssBytes: Math.max(sum?.peakRssBytes ?? 0, peakRssBytes),
  };
}
