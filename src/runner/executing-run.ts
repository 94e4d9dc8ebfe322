import type { Duration } from '../base/duration.ts';
import { waitForEnd } from '../base/wait-for-end.ts';
import type { FlowClass } from '../client/flow-types.ts';
import type { Run } from '../client/run.ts';
import type { LogFilter, RunLogChunk } from '../client/run-logs.ts';
import type { FlowEvent } from '../model/events.ts';
import type { LogStream } from '../model/ports/executor.ts';
import { type LogLine, logLinesOf } from '../model/reader.ts';
import { requireDurationMs } from '../model/require-duration.ts';
import { LineSplitter } from '../process/line-splitter.ts';
import type { RunOutcome } from '../runtime/run-flow.ts';
import type { StopSwitch } from './stop-switch.ts';

/** `timeout`: a `wait` ran out and stopped it. `lost`: it could not be recorded to its end. */
export type ExecutingStatus = 'running' | 'succeeded' | 'failed' | 'cancelled' | 'timeout' | 'lost';

export interface WaitOptions {
  /** Milliseconds or text such as `'30s'`. When it is over, the run is stopped; default: no limit. */
  readonly timeout?: Duration;
  /** Ends the waiting, not the run. */
  readonly signal?: AbortSignal;
}

/**
 * A run that this program has started, which may have ended meanwhile. With `await using` it is
 * stopped at the end of the block, if it still runs.
 *
 * @example
 * ```ts
 * await using executing = await new Runner('weather.ts').run({ city: 'Seattle' });
 * for await (const event of executing.events()) console.log(event.type);
 * console.log(executing.status, await executing.run.artifacts['warmest']);
 * ```
 */
export class ExecutingRun<F extends FlowClass = FlowClass> implements AsyncDisposable {
  /** The same run as the client sees it, also while it goes on. */
  readonly run: Run<F>;
  readonly #switch: StopSwitch;
  readonly #ended: Promise<void>;
  #status: ExecutingStatus = 'running';
  #exitCode: number | undefined;
  #error: unknown;
  #timedOut = false;

  /** @internal From a Runner. */
  constructor(run: Run<F>, outcome: Promise<RunOutcome>, stop: StopSwitch) {
    this.run = run;
    this.#switch = stop;
    this.#ended = outcome.then(
      ({ status, exitCode }) => this.#end(status, exitCode),
      (error: unknown) => this.#end('lost', 1, error),
    );
  }

  get status(): ExecutingStatus {
    return this.#status;
  }

  /** What `flow run` would have exited with; undefined while it runs. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  /** Of a `lost` run: what kept it from being recorded. */
  get error(): unknown {
    return this.#error;
  }

  /**
   * Waits for the end, whatever it is: a run that failed is a status, not an exception.
   *
   * @throws FlowError `DURATION_INVALID`; the signal's reason when it fires first.
   */
  async wait({ timeout, signal }: WaitOptions = {}): Promise<this> {
    await waitForEnd(this.#ended, {
      timeoutMs: timeout === undefined ? undefined : requireDurationMs(timeout),
      onTimeout: (timeoutMs) => {
        this.#timedOut = true;
        this.cancel(`it ran longer than ${timeoutMs} ms`);
      },
      signal,
    });
    return this;
  }

  /** As Ctrl-C does: running tasks get TERM and their grace. A second call kills them at once. */
  cancel(reason = 'cancelled by the program'): void {
    this.#switch.stop(reason);
  }

  /** Every event from the first one on, live, until the run has ended. */
  events(options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<FlowEvent> {
    return this.run.events(options);
  }

  /** The lines that its tasks print on one stream, live and from the first one on, until its end. */
  async *streamLog(stream: LogStream): AsyncGenerator<LogLine> {
    const lines: LogLine[] = [];
    const splitters = new Map<string, LineSplitter>();
    for await (const { bytes, step, position, attempt, atMs } of this.run.followLogs({ stream })) {
      const key = `${step}/${position} ${attempt}`;
      let splitter = splitters.get(key);
      if (splitter === undefined) {
        const from = { step, position, attempt, stream, at: atMs };
        splitter = new LineSplitter((text) => lines.push(...logLinesOf({ ...from, text })));
        splitters.set(key, splitter);
      }
      splitter.push(bytes);
      yield* lines.splice(0);
    }
    for (const splitter of splitters.values()) splitter.end();
    yield* lines;
  }

  /** What its tasks have printed so far, in the order of time. */
  logs(filter: LogFilter = {}): AsyncGenerator<RunLogChunk> {
    return this.run.logs(filter);
  }

  /** What its tasks have printed on stdout so far, as UTF-8. */
  get stdout(): Promise<string> {
    return this.#textOf('stdout');
  }

  get stderr(): Promise<string> {
    return this.#textOf('stderr');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#status === 'running') this.cancel('its block was left');
    await this.#ended;
  }

  #end(status: RunOutcome['status'] | 'lost', exitCode: number, error?: unknown): void {
    this.#status = this.#timedOut && status === 'cancelled' ? 'timeout' : status;
    this.#exitCode = exitCode;
    this.#error = error;
  }

  async #textOf(stream: LogStream): Promise<string> {
    const pieces: Uint8Array[] = [];
    for await (const { bytes } of this.run.logs({ stream })) pieces.push(bytes);
    return Buffer.concat(pieces).toString();
  }
}
