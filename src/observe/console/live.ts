import type { EventOf, FlowEvent } from '../../model/events.ts';
import type { FlowGraph } from '../../model/graph.ts';
import { taskPath } from '../../model/ids.ts';
import type { Clock } from '../../model/ports/clock.ts';
import type { EventReader, LogText } from '../../model/reader.ts';
import { describeFailure } from '../describe-failure.ts';
import { RunProgress } from '../run-progress.ts';
import type { ConsoleColors } from './console-colors.ts';
import { formatLiveFrame } from './live-frame.ts';
import { LiveRegion } from './live-region.ts';
import { describeThen } from './plain.ts';
import { stripControls } from './strip-controls.ts';
import type { TextSink } from './text-sink.ts';

export interface LiveOptions {
  readonly colors: ConsoleColors;
  readonly clock: Clock;
}

const REDRAW_MS = 100;
/** How often the elapsed times move while nothing happens. */
const IDLE_REDRAW_MS = 500;
/** Between two redraws; more is in the log files anyway. */
const MOST_LOG_LINES = 200;
const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

/** The member, and that its gang ended with it. */
function failedMember({ step, failed, members }: EventOf<'gang.failed'>): string {
  return `${taskPath({ step, position: failed })} (of a gang of ${members.length})`;
}

/**
 * For a terminal: what tasks print scrolls by, and below it stay the steps and the running tasks.
 * Events only mark the frame as old; a timer draws, at most ten times a second.
 */
export class LiveConsole implements EventReader {
  readonly #sink: TextSink;
  readonly #options: LiveOptions;
  readonly #region: LiveRegion;
  readonly #progress = new RunProgress();
  readonly #timer: NodeJS.Timeout;
  #above: string[] = [];
  #skippedLines = 0;
  #isOld = false;
  #drawnAt = 0;

  constructor(sink: TextSink, options: LiveOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#region = new LiveRegion(sink);
    this.#timer = setInterval(() => this.redraw(), REDRAW_MS);
    this.#timer.unref();
  }

  onGraph(graph: FlowGraph): void {
    this.#progress.readGraph(graph);
  }

  onEvent(event: FlowEvent): void {
    this.#progress.readEvent(event);
    this.#isOld = true;
    const { colors } = this.#options;
    if (event.type === 'hook.failed') {
      const cause = stripControls(describeFailure(event.failure));
      this.#above.push(`${colors.yellow('!')} exit hook ${event.hook} failed: ${cause}`);
    }
    if (event.type !== 'task.failed' && event.type !== 'gang.failed') return;
    const mark = event.then.kind === 'give-up' ? colors.red('✗') : colors.yellow('!');
    const cause = stripControls(`${describeFailure(event.failure)}${describeThen(event.then)}`);
    const who = event.type === 'task.failed' ? taskPath(event) : failedMember(event);
    this.#above.push(`${mark} ${who} ${cause}`);
  }

  onLog(log: LogText): void {
    this.#progress.readLog(log);
    this.#isOld = true;
    const room = MOST_LOG_LINES - this.#above.length;
    const lines = room > 0 ? log.text.split('\n') : [];
    const prefix = this.#options.colors.dim(taskPath(log));
    for (const line of lines.slice(0, room)) this.#above.push(`${prefix} ${stripControls(line)}`);
    this.#skippedLines += room > 0 ? Math.max(0, lines.length - room) : countLines(log.text);
  }

  /** Draws if something changed, or if the elapsed times are due. */
  redraw(): void {
    const now = this.#options.clock.now();
    if (!this.#isOld && now - this.#drawnAt < IDLE_REDRAW_MS) return;
    this.#drawnAt = now;
    this.#draw(
      formatLiveFrame(this.#progress, {
        now,
        colors: this.#options.colors,
        columns: this.#sink.columns ?? DEFAULT_COLUMNS,
        rows: this.#sink.rows ?? DEFAULT_ROWS,
      }),
    );
  }

  /** Takes the region away; what was printed above it stays. */
  close(): void {
    clearInterval(this.#timer);
    this.#draw([]);
  }

  #draw(lines: readonly string[]): void {
    const { colors } = this.#options;
    const skipped =
      this.#skippedLines === 0
        ? []
        : [
            colors.dim(
              `… ${this.#skippedLines} more lines, see flow logs ${this.#progress.run ?? ''}`,
            ),
          ];
    this.#region.draw(lines, [...this.#above, ...skipped]);
    this.#above = [];
    this.#skippedLines = 0;
    this.#isOld = false;
  }
}

/** Without making a text of each. */
function countLines(text: string): number {
  let count = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
