import { type LogFiles, openLogFiles } from '../journal/log-files.ts';
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
}

/** Where an attempt's bytes go: untouched into its log files, as lines to whoever looks on. */
export class TaskOutput {
  readonly #of: OutputOf;
  readonly #files: LogFiles;
  readonly #budget: LogBudget;
  readonly #splitters: { readonly [S in LogStream]: LineSplitter };

  constructor(of: OutputOf) {
    this.#of = of;
    this.#files = openLogFiles(of);
    this.#budget = new LogBudget(of.maxBytes);
    this.#splitters = { stdout: this.#splitter('stdout'), stderr: this.#splitter('stderr') };
  }

  write(stream: LogStream, bytes: Uint8Array): void | Promise<void> {
    let written: void | Promise<void> = undefined;
    for (const piece of this.#budget.take(stream, bytes)) {
      this.#splitters[stream].push(piece);
      written = this.#files.write(stream, piece, Date.now());
    }
    return written;
  }

  /** After the pipes are drained: the last partial lines, then the files. */
  async close(): Promise<void> {
    this.#splitters.stdout.end();
    this.#splitters.stderr.end();
    await this.#files.close();
  }

  #splitter(stream: LogStream): LineSplitter {
    const { step, position, attempt, readers } = this.#of;
    return new LineSplitter((text) => {
      const lines = { step, position, attempt, stream, text, at: Date.now() };
      for (const reader of readers) reader.onLog?.(lines);
    });
  }
}
