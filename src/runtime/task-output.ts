import type { Awaitable } from '../base/awaitable.ts';
import { type LogFiles, openLogFiles } from '../journal/log-files.ts';
import type { FlowError } from '../model/errors.ts';
import type { Failure } from '../model/failure.ts';
import type { TaskId } from '../model/ids.ts';
import type { LogStream } from '../model/ports/executor.ts';
import type { EventReader } from '../model/reader.ts';
import { LineSplitter } from '../process/line-splitter.ts';
import { LogBudget } from './log-budget.ts';

export interface OutputOf extends TaskId {
  readonly attempt: number;
  /** The run's folder. */
  readonly dir: string;
  readonly readers: readonly EventReader[];
  /** Of both streams together; default: no limit. */
  readonly maxBytes?: number | undefined;
  /** Called as soon as something cannot be kept. */
  readonly onFailure: (failure: Failure) => void;
}

/** Where an attempt's bytes go: untouched into its log files, as lines to whoever looks on. */
export class TaskOutput {
  readonly #of: OutputOf;
  /** Most tasks of a large run print nothing. */
  #opened: OpenOutput | undefined;

  constructor(of: OutputOf) {
    this.#of = of;
  }

  write(stream: LogStream, bytes: Uint8Array): Awaitable<void> {
    this.#opened ??= this.#open();
    const { budget, splitters, files } = this.#opened;
    let written: Awaitable<void> = undefined;
    for (const piece of budget.take(stream, bytes)) {
      splitters[stream].push(piece);
      written = files.write(stream, piece, Date.now());
    }
    return written;
  }

  /** After the pipes are drained: the last partial lines, then the files. Resolves with what `onFailure` heard. */
  close(): Awaitable<Failure | undefined> {
    return this.#opened === undefined ? undefined : closeAll(this.#opened);
  }

  #open(): OpenOutput {
    const of = this.#of;
    return {
      files: openLogFiles(of, (error) => of.onFailure(failureOf(error))),
      budget: new LogBudget(of.maxBytes),
      splitters: { stdout: openSplitter(of, 'stdout'), stderr: openSplitter(of, 'stderr') },
    };
  }
}

interface OpenOutput {
  readonly files: LogFiles;
  readonly budget: LogBudget;
  readonly splitters: { readonly [S in LogStream]: LineSplitter };
}

async function closeAll({ splitters, files }: OpenOutput): Promise<Failure | undefined> {
  splitters.stdout.end();
  splitters.stderr.end();
  const error = await files.close();
  return error && failureOf(error);
}

/** The attempt's, not the run's: other tasks may have room for what they print. */
function failureOf({ name, message, code, hint }: FlowError): Failure {
  return {
    kind: 'user-error',
    name,
    message,
    frames: [],
    code,
    ...(hint === undefined ? {} : { hint }),
  };
}

function openSplitter(of: OutputOf, stream: LogStream): LineSplitter {
  const { step, position, attempt, readers } = of;
  return new LineSplitter((text) => {
    const lines = { step, position, attempt, stream, text, at: Date.now() };
    for (const reader of readers) reader.onLog?.(lines);
  });
}
