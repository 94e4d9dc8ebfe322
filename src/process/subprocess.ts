import { join } from 'node:path';
import { ActiveTimer } from '../base/active-timer.ts';
import type { Duration } from '../base/duration.ts';
import { waitForEnd } from '../base/wait-for-end.ts';
import { FlowError } from '../model/errors.ts';
import { requireDurationMs } from '../model/require-duration.ts';
import { type Child, startChild } from './child-process.ts';
import type { ChildExit } from './child-state.ts';
import { OutputLog, type ReadOptions } from './output-log.ts';
import type { OutputLine } from './positioned-lines.ts';
import { startError } from './start-error.ts';
import type { Supervisor } from './supervisor.ts';

/**
 * `failed`: an exit code that is not 0, or a signal of somebody else's. `killed`: by `kill`, a signal
 * of the program, or `cleanup`. `timeout`: it ran out of its time. `not-started`: it never ran.
 */
export type SubprocessStatus =
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'killed'
  | 'timeout'
  | 'not-started';

/** Where a command prints. */
export type OutputStream = 'stdout' | 'stderr';

/** How a command is started, and when it is ended. */
export interface SubprocessOptions {
  /** Added to the environment of this process; `undefined` takes a variable away. */
  readonly env?: { readonly [name: string]: string | undefined };
  /** Default: the working directory of this process. */
  readonly cwd?: string;
  /** Ends it after so long: milliseconds, or text such as `'30s'`. Default: no limit. */
  readonly timeout?: Duration;
  /** From TERM to KILL when a timeout or the signal ends it. Default: 2 s. */
  readonly grace?: Duration;
  /** Ends it when it fires. */
  readonly signal?: AbortSignal;
  /** Copies what it prints to stdout and stderr of this process. Default: false. */
  readonly showOutput?: boolean;
}

/** How a command is ended. */
export interface KillOptions {
  /** From TERM to KILL; 0 kills at once. Default: the grace that it was started with. */
  readonly grace?: Duration;
}

/** How long one waits for a command. */
export interface SubprocessWaitOptions {
  /** When it is over, the command is ended; default: no limit. */
  readonly timeout?: Duration;
  /** Ends the waiting, not the command. */
  readonly signal?: AbortSignal;
}

/** Where one command belongs. */
export interface SubprocessPlace {
  readonly id: number;
  readonly supervisor: Supervisor;
  /** Its output goes here. */
  readonly folder: string;
  /** Called when its output may go. */
  readonly onCleanup: (outputs: readonly string[]) => Promise<void>;
}

const GRACE_MS = 2_000;

/**
 * A command that a {@link SubprocessManager} has started, in a process group of its own. It may have
 * ended meanwhile.
 *
 * @example
 * ```ts
 * const build = manager.start(['npm', 'run', 'build'], { timeout: '5m' });
 * for await (const { text } of build.streamLog('stdout')) console.log(text);
 * await build.wait();
 * if (build.status !== 'succeeded') console.error(build.exitCode, await build.stderr);
 * ```
 */
export class Subprocess implements AsyncDisposable {
  /** Its number in its manager, from 1 on. */
  readonly id: number;
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly startedAt = new Date();
  readonly #child: Child;
  readonly #logs: { readonly [stream in OutputStream]: OutputLog };
  readonly #graceMs: number;
  readonly #place: SubprocessPlace;
  readonly #cwd: string;
  readonly #ended: Promise<void>;
  #exit: ChildExit | undefined;
  #endedBy: 'killed' | 'timeout' | undefined;

  /** @internal From a SubprocessManager. */
  constructor(command: readonly string[], options: SubprocessOptions, place: SubprocessPlace) {
    const { signal, showOutput = false, cwd = process.cwd() } = options;
    const [execPath = '', ...args] = command;
    const timeoutMs = millisecondsOf(options.timeout);
    this.id = place.id;
    this.command = command;
    this.#graceMs = millisecondsOf(options.grace) ?? GRACE_MS;
    this.#place = place;
    this.#cwd = cwd;
    const { stdout, stderr } = this.#outputs;
    this.#logs = { stdout: new OutputLog(stdout), stderr: new OutputLog(stderr) };
    this.#child = startChild({
      execPath,
      args,
      cwd,
      env: withChanges(process.env, options.env),
      supervisor: place.supervisor,
      graceMs: this.#graceMs,
      onLog: async (stream, bytes) => {
        await this.#logs[stream].append(bytes);
        if (showOutput) await write(stream, bytes);
      },
    });
    const timer =
      timeoutMs === undefined ? undefined : new ActiveTimer(() => this.#end('timeout'), timeoutMs);
    const onAbort = (): void => this.#end('killed');
    signal?.addEventListener('abort', onAbort);
    this.#ended = this.#watch().finally(() => {
      timer?.cancel();
      signal?.removeEventListener('abort', onAbort);
    });
  }

  /** Its process, which also leads its group; undefined if it never ran. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** How it is, or how it ended. */
  get status(): SubprocessStatus {
    if (this.#exit === undefined) return 'running';
    if (this.#exit.spawnError !== undefined) return 'not-started';
    return this.#endedBy ?? (this.#exit.code === 0 ? 'succeeded' : 'failed');
  }

  /** Undefined while it runs, and where a signal ended it. */
  get exitCode(): number | undefined {
    return this.#exit?.code ?? undefined;
  }

  /** The signal that ended it, if one did. */
  get exitSignal(): NodeJS.Signals | undefined {
    return this.#exit?.signal ?? undefined;
  }

  /**
   * Waits until it, and all that it started in its group, is gone and its output is complete. A command
   * that failed is a status, not an exception.
   *
   * @throws FlowError `COMMAND_NOT_FOUND`, `FOLDER_MISSING`, `COMMAND_NOT_STARTED` if it never ran;
   *   `OUTPUT_NOT_KEPT` if its output could not be written; the signal's reason when it fires first.
   */
  async wait({ timeout, signal }: SubprocessWaitOptions = {}): Promise<this> {
    await waitForEnd(this.#ended, {
      timeoutMs: millisecondsOf(timeout),
      onTimeout: () => this.#end('timeout'),
      signal,
    });
    const { spawnError, logError } = this.#exit ?? {};
    if (spawnError !== undefined) throw startError(spawnError, this.command, this.#cwd);
    if (logError !== undefined) throw outputError(this.command, logError);
    return this;
  }

  /**
   * TERM to its group, KILL when the grace is over, to whatever it started. Resolves when nothing is
   * left; if it has ended by itself, with that end. When it ends in time, what it leaves behind in its
   * group is killed with it.
   */
  async kill({ grace }: KillOptions = {}): Promise<this> {
    this.#end('killed', millisecondsOf(grace));
    await this.#ended;
    return this;
  }

  /**
   * The lines of one stream, from a position on, live until its end. Any number of readers may read,
   * each at its own pace.
   *
   * @throws FlowError `POSITION_INVALID`; `OUTPUT_REMOVED` after a `cleanup`.
   */
  streamLog(stream: OutputStream, options: ReadOptions = {}): AsyncGenerator<OutputLine> {
    return this.#logs[stream].lines(options);
  }

  /** Hands each line of one stream to a function, until its end. Resolves with the position after it. */
  async emitLogs(
    stream: OutputStream,
    onLine: (text: string, line: OutputLine) => void | Promise<void>,
    options: ReadOptions = {},
  ): Promise<number> {
    let position = options.position ?? 0;
    for await (const line of this.streamLog(stream, options)) {
      await onLine(line.text, line);
      position = line.nextPosition;
    }
    return position;
  }

  /** What it has printed on stdout so far, as UTF-8. */
  get stdout(): Promise<string> {
    return this.#logs.stdout.text();
  }

  /** What it has printed on stderr so far, as UTF-8. */
  get stderr(): Promise<string> {
    return this.#logs.stderr.text();
  }

  /** Ends it, removes its output, and lets its manager forget it. */
  async cleanup(options: KillOptions = {}): Promise<void> {
    await this.kill(options);
    this.#logs.stdout.discard();
    this.#logs.stderr.discard();
    await this.#place.onCleanup(Object.values(this.#outputs));
  }

  /** As `cleanup`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.cleanup();
  }

  get #outputs(): { readonly [stream in OutputStream]: string } {
    const { folder, id } = this.#place;
    return { stdout: join(folder, `${id}.out`), stderr: join(folder, `${id}.err`) };
  }

  #end(by: 'killed' | 'timeout', graceMs = this.#graceMs): void {
    const { phase } = this.#child;
    if (phase === 'draining' || phase === 'cutting' || phase === 'stopped') return;
    this.#endedBy ??= by;
    if (graceMs === 0) this.#child.kill();
    else this.#child.stop(by, graceMs);
  }

  async #watch(): Promise<void> {
    const exit = await this.#child.exit;
    await Promise.all([this.#logs.stdout.complete(), this.#logs.stderr.complete()]);
    this.#exit = exit;
  }
}

function withChanges(
  env: NodeJS.ProcessEnv,
  changes: SubprocessOptions['env'] = {},
): NodeJS.ProcessEnv {
  const changed = Object.entries({ ...env, ...changes });
  return Object.fromEntries(changed.filter(([, value]) => value !== undefined));
}

function write(stream: OutputStream, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    process[stream].write(bytes, () => resolve());
  });
}

function millisecondsOf(duration: Duration | undefined): number | undefined {
  return duration === undefined ? undefined : requireDurationMs(duration);
}

function outputError(command: readonly string[], cause: unknown): FlowError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new FlowError(`the output of ${command[0]} could not be kept: ${reason}`, {
    code: 'OUTPUT_NOT_KEPT',
    hint: 'make room in the folder for temporary files (TMPDIR)',
    cause,
  });
}
