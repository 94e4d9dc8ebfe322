import { formatMemory } from '../../base/byte-size.ts';
import { formatDurationMs } from '../../base/duration.ts';
import { shellWord } from '../../base/shell-word.ts';
import { padText, textWidth } from '../../base/text-width.ts';
import type { FlowEvent } from '../../model/events.ts';
import type { UserError } from '../../model/failure.ts';
import type { FlowGraph } from '../../model/graph.ts';
import type { EventReader, LogText } from '../../model/reader.ts';
import { causeChain, describeFailure } from '../describe-failure.ts';
import { formatFrame } from '../format-frame.ts';
import {
  type HookFailed,
  RunProgress,
  type StepProgress,
  type TaskFailed,
} from '../run-progress.ts';
import type { ConsoleColors } from './console-colors.ts';
import { stripControls } from './strip-controls.ts';
import type { TextSink } from './text-sink.ts';

export interface SummaryOptions {
  readonly colors: ConsoleColors;
  /** Files inside it are named relative to it. */
  readonly cwd: string;
  /** How a person starts this program: `flow`, or `npx flow`. */
  readonly program: string;
  /** What the command that resumes has to name: the flow file, and the store if it was named. */
  readonly resume?: { readonly target: string; readonly store?: string };
}

/** What is left on the screen when a run is over: counts, durations, and why it failed. */
export class SummaryConsole implements EventReader {
  readonly #progress = new RunProgress();
  readonly #sink: TextSink;
  readonly #options: SummaryOptions;

  constructor(sink: TextSink, options: SummaryOptions) {
    this.#sink = sink;
    this.#options = options;
  }

  onGraph(graph: FlowGraph): void {
    this.#progress.readGraph(graph);
  }

  onEvent(event: FlowEvent): void {
    this.#progress.readEvent(event);
  }

  onLog(text: LogText): void {
    this.#progress.readLog(text);
  }

  close(): void {
    const text = formatSummary(this.#progress, this.#options);
    if (text !== '') this.#sink.write(`${text}\n`);
  }
}

/** Empty where the run never started. */
export function formatSummary(progress: RunProgress, options: SummaryOptions): string {
  if (progress.run === undefined) return '';
  const failures = progress.failures.flatMap((failed) => [
    '',
    ...describeTask(failed, `${progress.run}`, options),
  ]);
  const more = progress.failedTasks - progress.failures.length;
  const resume = resumeCommand(progress, options);
  return [
    headline(progress, options.colors),
    ...stepLines(progress, options.colors),
    ...failures,
    ...(more > 0 ? ['', `and ${more} more ${more === 1 ? 'task' : 'tasks'} failed`] : []),
    ...progress.hookFailures.flatMap((failed) => ['', ...describeHook(failed, options)]),
    ...(resume === undefined ? [] : ['', `to go on from here: ${resume}`]),
  ].join('\n');
}

function headline(progress: RunProgress, colors: ConsoleColors): string {
  const { flow, run, end, startedAt } = progress;
  const took = end === undefined || startedAt === undefined ? 0 : end.at - startedAt;
  const after = formatDurationMs(took);
  switch (end?.type) {
    case 'run.succeeded':
      return `${colors.green('✓')} ${flow} succeeded in ${after}, run ${run}`;
    case 'run.failed':
      return `${colors.red('✗')} ${flow} failed after ${after}, run ${run}`;
    case 'run.cancelled':
      return `${colors.yellow('■')} ${flow} was cancelled after ${after} (${end.reason}), run ${run}`;
    case undefined:
      return `${colors.red('✗')} ${flow} did not come to its end, run ${run}`;
  }
}

function stepLines({ steps }: RunProgress, colors: ConsoleColors): readonly string[] {
  const touched = [...steps.values()].filter((step) => step.firstAt !== undefined);
  const rows = touched.map((step) => [step.name, countText(step), durationText(step)] as const);
  const nameWidth = Math.max(0, ...rows.map(([name]) => textWidth(name)));
  const countWidth = Math.max(0, ...rows.map(([, count]) => textWidth(count)));
  return rows.map(([name, count, took]) =>
    `  ${padText(name, nameWidth)}  ${padText(count, countWidth)}  ${colors.dim(took)}`.trimEnd(),
  );
}

function countText(step: StepProgress): string {
  const done = step.succeeded + step.cloned + step.failed;
  const notes = [
    ...(step.failed > 0 ? [`${step.failed} failed`] : []),
    ...(step.cloned > 0 ? [`${step.cloned} taken over`] : []),
    ...(step.retried > 0 ? [`${step.retried} ${step.retried === 1 ? 'retry' : 'retries'}`] : []),
  ];
  const tasks = `${done} ${done === 1 ? 'task' : 'tasks'}`;
  return notes.length === 0 ? tasks : `${tasks} (${notes.join(', ')})`;
}

function durationText(step: StepProgress): string {
  const { firstAt, lastAt, cpuMs, peakRssBytes } = step;
  if (firstAt === undefined || lastAt === undefined) return '';
  const used =
    peakRssBytes === 0 ? [] : [`CPU ${formatDurationMs(cpuMs)}`, formatMemory(peakRssBytes)];
  return [formatDurationMs(lastAt - firstAt), ...used].join(', ');
}

/** A task that failed for good: why, where, and its last lines. */
export function describeTask(
  { path, attempt, failure, tail }: TaskFailed,
  run: string,
  { colors, cwd, program }: SummaryOptions,
): readonly string[] {
  const which = attempt === 1 ? path : `${path} (attempt ${attempt})`;
  const [error, ...causes] = causeChain(failure);
  return [
    `${colors.red(which)} failed: ${describeFailure(failure)}`,
    ...(error === undefined ? [] : errorLines(error, { colors, cwd })),
    ...causes.flatMap((cause) => [
      `  caused by ${describeFailure(cause)}`,
      ...errorLines(cause, { colors, cwd }),
    ]),
    ...(tail.length === 0 ? [] : ['  its last output:']),
    ...tail.map((line) => `    ${colors.dim('|')} ${stripControls(line)}`),
    `  its whole output: ${program} logs ${run}/${path}`,
  ];
}

function describeHook({ hook, failure }: HookFailed, options: SummaryOptions): readonly string[] {
  const [error] = causeChain(failure);
  return [
    `${options.colors.yellow(`exit hook ${hook}`)} failed: ${describeFailure(failure)}`,
    ...(error === undefined ? [] : errorLines(error, options)),
    '  the outcome of the run stays as it is',
  ];
}

const FOREIGN_FRAMES = 3;

/** The rest of the message, then the user's own frames, then a few of the others. */
function errorLines(
  error: UserError,
  { colors, cwd }: Pick<SummaryOptions, 'colors' | 'cwd'>,
): readonly string[] {
  const own = error.frames.filter((frame) => frame.own);
  const foreign = error.frames.filter((frame) => !frame.own).slice(0, FOREIGN_FRAMES);
  return [
    ...error.message
      .split('\n')
      .slice(1)
      .map((line) => `    ${line}`),
    ...own.map((frame) => `    ${formatFrame(frame, cwd)}`),
    ...(own.length > 0 ? [] : foreign.map((frame) => colors.dim(`    ${formatFrame(frame, cwd)}`))),
    ...(error.hint === undefined ? [] : [`  ${colors.cyan('hint:')} ${error.hint}`]),
  ];
}

function resumeCommand(
  { run, end }: RunProgress,
  { program, resume }: SummaryOptions,
): string | undefined {
  if (resume === undefined || end?.type === 'run.succeeded') return undefined;
  const store = resume.store === undefined ? '' : ` --store ${shellWord(resume.store)}`;
  return `${program} resume ${shellWord(resume.target)} --origin-run-id ${run}${store}`;
}
