import type { LogStream } from '../model/ports/executor.ts';
import type { LogFilesOf } from './log-files.ts';
import type { IndexedChunk } from './log-index.ts';
import { type LogChunk, OpenLogs } from './open-logs.ts';

const PAGE_RECORDS = 4_096;

/** A place in one attempt's log, from which what came since is read. */
export class LogCursor {
  readonly of: LogFilesOf;
  readonly #last = new Map<LogStream, IndexedChunk>();
  #records = 0;
  #atMs = 0;

  constructor(of: LogFilesOf) {
    this.of = of;
  }

  /** When the first chunk came that was not read yet; undefined: there is none. */
  async nextAtMs(): Promise<number | undefined> {
    const files = new OpenLogs(this.of);
    try {
      return (await files.index(this.#records, 1))[0]?.atMs;
    } finally {
      await files.close();
    }
  }

  /** What the index names by now. `isOver`: nobody writes any more, so what it does not name, too. */
  async *read({ isOver }: { readonly isOver: boolean }): AsyncGenerator<LogChunk> {
    const files = new OpenLogs(this.of);
    try {
      for (;;) {
        const chunks = await files.index(this.#records, PAGE_RECORDS);
        for (const chunk of chunks) {
          this.#records += 1;
          this.#last.set(chunk.stream, chunk);
          this.#atMs = chunk.atMs;
          yield await files.read(chunk);
        }
        if (chunks.length === 0) break;
      }
      if (isOver) yield* files.beyond(this.#last, this.#atMs);
    } finally {
      await files.close();
    }
  }
}
