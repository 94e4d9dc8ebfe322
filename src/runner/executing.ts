import type { Duration } from '../base/duration.ts';
import { waitForEnd } from '../base/wait-for-end.ts';
import type { LogFilter, RunLogChunk } from '../client/run-logs.ts';
import type { FlowEvent } from '../model/events.ts';
import type { LogStream } from '../model/ports/executor.ts';
import { type LogLine, logLinesOf } from '../model/reader.ts';
import { requireDurationMs } from '../model/require-duration.ts';
import { LineSplitter } from '../process/line-splitter.ts';
import type { StopSwitch } from './stop-switch.ts';

/** `timeout`: a `wait` ran out and stopped it. `lost`: it could not be recorded to its end. */
export type ExecutingStatus = 'running' | 'succeeded' | 'failed' | 'cancelled' | 'timeout' | 'lost';

/** How long one waits for an end. */
export interface WaitOptions {
  /** Milliseconds or text such as `'30s'`. When it is over, the work is stopped; default: no limit. */
  readonly timeout?: Duration;
  /** Ends the waiting, not the work. */
  readonly signal?: AbortSignal;
}

/** How something ended, as the runtime tells it. */
export interface Outcome {
  readonly status: 'succeeded' | 'failed' | 'cancelled';
  readonly exitCode: number;
}

/** What is recorded of it, also while it goes on. */
export interface Recording {
  events(options: { readonly signal?: AbortSignal }): AsyncGenerator<FlowEvent>;
  logs(filter: LogFilter): AsyncGenerator<RunLogChunk>;
  followLogs(filter: LogFilter): AsyncGenerator<RunLogChunk>;
}

export interface ExecutingParts {
  readonly recording: Recording;
  readonly outcome: Promise<Outcome>;
  readonly stop: StopSwitch;
  /** Settles when a callback of the program has thrown. */
  readonly thrown: () => ThrownByCallback | undefined;
}

export interface ThrownByCallback {
  readonly error: unknown;
}

/** What a run and a single task that a program has started have in common. */
export abstract class Executing implements AsyncDisposable {
  readonly #parts: ExecutingParts;
  readonly #ended: Promise<void>;
  #status: ExecutingStatus = 'running';
  #exitCode: number | undefined;
  #error: unknown;
  #timedOut = false;

  protected constructor(parts: ExecutingParts) {
    this.#parts = parts;
    this.#ended = parts.outcome.then(
      ({ status, exitCode }) => this.#end(status, exitCode),
      (error: unknown) => this.#end('lost', 1, error),
    );
  }

  /** How it is, or how it ended. */
  get status(): ExecutingStatus {
    return this.#status;
  }

  /** What the command would have exited with; undefined while it runs. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  /** What kept a `lost` one from being recorded, or what a callback threw. */
  get error(): unknown {
    return this.#error ?? this.#parts.thrown()?.error;
  }

  /**
   * Waits for the end, whatever it is: a failure is a status, not an exception.
   *
   * @throws FlowError `DURATION_INVALID`; the signal's reason when it fires first; what a callback
   *   (`onEvent`, `onLog`, `onProgress`) has thrown, which stopped the run.
   */
  async wait({ timeout, signal }: WaitOptions = {}): Promise<this> {
    await waitForEnd(this.#ended, {
      timeoutMs: timeout === undefined ? undefined : requireDurationMs(timeout),
      onTimeout: (timeoutMs) => {
        this.#timedOut = true;
        this.#parts.stop.stop(`it ran longer than ${timeoutMs} ms`);
      },
      signal,
    });
    const thrown = this.#parts.thrown();
    if (thrown !== undefined) throw thrown.error;
    return this;
  }

  /** As Ctrl-C does: running tasks get TERM and their grace. A second call kills them at once. */
  cancel(reason = 'cancelled by the program'): void {
    this.#parts.stop.press(reason);
  }

  /** Every event from the first one on, live, until the end. */
  events(options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<FlowEvent> {
    return this.#parts.recording.events(options);
  }

  /** The lines that are printed on one stream, live and from the first one on, until the end. */
  async *streamLog(stream: LogStream): AsyncGenerator<LogLine> {
    const lines: LogLine[] = [];
    const splitters = new Map<string, LineSplitter>();
    const chunks = this.#parts.recording.followLogs({ stream });
    for await (const { bytes, step, position, attempt, atMs } of chunks) {
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

  /** What was printed so far, in the order of time. */
  logs(filter: LogFilter = {}): AsyncGenerator<RunLogChunk> {
    return this.#parts.recording.logs(filter);
  }

  /** What was printed on stdout so far, as UTF-8. */
  get stdout(): Promise<string> {
    return this.#textOf('stdout');
  }

  /** What was printed on stderr so far, as UTF-8. */
  get stderr(): Promise<string> {
    return this.#textOf('stderr');
  }

  /** Stops it, if it still goes on, and waits for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#status === 'running') this.#parts.stop.stop('its block was left');
    await this.#ended;
  }

  #end(status: Outcome['status'] | 'lost', exitCode: number, error?: unknown): void {
    this.#status = this.#timedOut && status === 'cancelled' ? 'timeout' : status;
    this.#exitCode = exitCode;
    this.#error = error;
  }

  async #textOf(stream: LogStream): Promise<string> {
    const pieces: Uint8Array[] = [];
    for await (const { bytes } of this.#parts.recording.logs({ stream })) pieces.push(bytes);
    return Buffer.concat(pieces).toString();
  }
}
