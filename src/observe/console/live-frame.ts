import { formatDurationMs } from '../../base/duration.ts';
import { padText, textWidth, truncateText } from '../../base/text-width.ts';
import type { RunningTask, RunProgress, StepProgress } from '../run-progress.ts';
import type { ConsoleColors } from './console-colors.ts';

export interface FrameSize {
  readonly columns: number;
  readonly rows: number;
}

export interface FrameRequest extends FrameSize {
  readonly now: number;
  readonly colors: ConsoleColors;
}

const RUNNING_LINES = 5;

/** The live region's lines: never wider than the terminal, never higher. */
export function formatLiveFrame(progress: RunProgress, request: FrameRequest): readonly string[] {
  if (progress.startedAt === undefined) return [];
  const { colors, now } = request;
  const columns = Math.max(1, request.columns - 1);
  const height = Math.max(1, request.rows - 1);
  const running = runningLines(progress, request);
  const room = Math.max(0, height - 1 - running.length);
  const title = `${progress.flow}  run ${progress.run ?? ''}  ${formatDurationMs(now - progress.startedAt)}`;
  const stopping = progress.stopping === undefined ? '' : `  stopping: ${progress.stopping}`;
  return [
    colors.bold(truncateText(`${title}${stopping}`, columns)),
    ...stepLines(progress, room, { colors, columns }),
    ...running.map((line) => colors.dim(truncateText(line, columns))),
  ].slice(0, height);
}

interface LineStyle {
  readonly colors: ConsoleColors;
  readonly columns: number;
}

/** All steps where they fit; else those at work first. */
function stepLines(progress: RunProgress, room: number, style: LineStyle): readonly string[] {
  const steps = [...progress.steps.values()];
  const fits = steps.length <= room;
  const shown = fits ? steps : mostInteresting(steps, Math.max(0, room - 1));
  const width = Math.max(0, ...shown.map(({ name }) => textWidth(name)));
  const lines = shown.map((step) => stepLine(step, width, style));
  if (fits || room === 0) return lines;
  const hidden = truncateText(`  … ${steps.length - shown.length} more steps`, style.columns);
  return [...lines, style.colors.dim(hidden)];
}

function mostInteresting(steps: readonly StepProgress[], count: number): readonly StepProgress[] {
  const rank = (step: StepProgress): number => {
    if (isActive(step)) return 0;
    if (step.failed > 0) return 1;
    return step.firstAt === undefined ? 3 : 2;
  };
  const chosen = new Set(steps.toSorted((a, b) => rank(a) - rank(b)).slice(0, count));
  return steps.filter((step) => chosen.has(step));
}

function stepLine(step: StepProgress, nameWidth: number, { colors, columns }: LineStyle): string {
  const text = `${padText(step.name, nameWidth)}  ${countText(step)}`.trimEnd();
  return `  ${iconOf(step, colors)} ${truncateText(text, columns - 4)}`.trimEnd();
}

function iconOf(step: StepProgress, colors: ConsoleColors): string {
  if (step.failed > 0) return colors.red('✗');
  if (isActive(step)) return colors.cyan('●');
  return step.firstAt === undefined ? colors.dim('○') : colors.green('✓');
}

/** Waiting for a retry is work, too. */
function isActive(step: StepProgress): boolean {
  return step.firstAt !== undefined && ended(step) < Math.max(step.launched, step.expected ?? 0);
}

function ended(step: StepProgress): number {
  return step.succeeded + step.failed + step.cloned;
}

function countText(step: StepProgress): string {
  const notes = [
    ...(step.failed > 0 ? [`${step.failed} failed`] : []),
    ...(step.retried > 0 ? [`${step.retried} ${step.retried === 1 ? 'retry' : 'retries'}`] : []),
  ];
  const isForeach = step.expected !== undefined;
  return [...(isForeach ? [`${ended(step)}/${step.expected}`] : []), ...notes].join('  ');
}

function runningLines(progress: RunProgress, { now, rows }: FrameRequest): readonly string[] {
  const most = Math.min(RUNNING_LINES, Math.max(0, rows - 4));
  const tasks = progress.running.values();
  const shown = tasks.slice(0, most).map((task) => runningLine(task, now));
  const more = tasks.length - shown.length;
  return more > 0 && most > 0 ? [...shown, `    and ${more} more running`] : shown;
}

function runningLine(task: RunningTask, now: number): string {
  const attempt = task.attempt === 1 ? '' : `  attempt ${task.attempt}`;
  return `    ${task.path}  ${formatDurationMs(Math.max(0, now - task.launchedAt))}${attempt}`;
}
