import {
  closeSync,
  constants,
  fstatSync,
  fsync,
  ftruncateSync,
  openSync,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';
import { EXIT, FlowError } from '../model/errors.ts';
import type { EventDraft, FlowEvent } from '../model/events.ts';
import type { RunId } from '../model/ids.ts';
import type { Clock } from '../model/ports/clock.ts';
import type { JournalWriter } from '../model/ports/journal.ts';
import { errnoOf } from './errno.ts';
import { PendingLines } from './line.ts';
import { journalPath, scanJournal } from './read.ts';
import { remedyFor } from './remedy-for.ts';

/** How long a line may wait for the fsync that it shares with others. */
const GROUP_COMMIT_MS = { process: 200, power: 0 } as const;
/** Thousands of clones may be recorded in one turn. */
const LARGEST_WRITE_BYTES = 48 * 1024;
const syncFile = promisify(fsync);

export interface JournalWriterOptions {
  readonly run: RunId;
  readonly clock: Clock;
  /** `power`: the fsync begins at once, for a caller that awaits it. Default `process`. */
  readonly durability?: 'process' | 'power';
}

/**
 * Opens the journal in a run's folder for its one writer (hold the lock: `acquireLock`). A journal
 * that exists goes on where its last whole line ends: a torn line is cut off. Throws FlowError
 * `JOURNAL_CORRUPT` for other damage and `JOURNAL_NOT_WRITABLE`.
 */
export function openJournalWriter(dir: string, options: JournalWriterOptions): JournalWriter {
  const path = journalPath(dir);
  const fd = attempt(path, () =>
    openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, 0o600),
  );
  let lastSeq = 0;
  let wholeBytes = 0;
  for (const entry of scanJournal(dir)) {
    lastSeq = entry.seq;
    wholeBytes = entry.offset + entry.length;
  }
  attempt(path, () => cutTornLine(fd, wholeBytes));
  return new FileJournalWriter({ ...options, path, fd, lastSeq, length: wholeBytes });
}

interface OpenJournal {
  readonly path: string;
  readonly fd: number;
  readonly lastSeq: number;
  readonly length: number;
}

class FileJournalWriter implements JournalWriter {
  readonly #file: { readonly path: string; readonly fd: number };
  readonly #run: RunId;
  readonly #clock: Clock;
  readonly #delayMs: number;
  readonly #pending = new PendingLines();
  #seq: number;
  #length: number;
  /** Set by the first failed write or fsync: from then on nothing is glued to a torn line. */
  #broken: FlowError | undefined;
  #isDirty = false;
  #timer: NodeJS.Timeout | undefined;
  #syncing: Promise<void> | undefined;
  #nextSync: Promise<void> | undefined;

  constructor(options: JournalWriterOptions & OpenJournal) {
    this.#file = { path: options.path, fd: options.fd };
    this.#run = options.run;
    this.#clock = options.clock;
    this.#delayMs = GROUP_COMMIT_MS[options.durability ?? 'process'];
    this.#seq = options.lastSeq;
    this.#length = options.length;
  }

  get length(): number {
    return this.#length;
  }

  append(draft: EventDraft): FlowEvent {
    if (this.#broken !== undefined) throw this.#broken;
    const seq = this.#seq + 1;
    const event = { v: 1, seq, at: this.#clock.now(), run: this.#run, ...draft } as const;
    this.#length += this.#pending.add(event);
    this.#seq = seq;
    if (this.#pending.length > LARGEST_WRITE_BYTES) this.commit();
    this.#isDirty = true;
    this.#timer ??= setTimeout(() => this.#syncInBackground(), this.#delayMs).unref();
    return event;
  }

  commit(): void {
    if (this.#broken !== undefined) throw this.#broken;
    if (this.#pending.length === 0) return;
    try {
      writeWhole(this.#file.fd, this.#pending.bytes);
    } catch (error) {
      throw this.#break(error);
    }
    this.#pending.clear();
  }

  async flush(): Promise<void> {
    this.commit();
    if (this.#syncing === undefined) return this.#isDirty ? this.#sync() : undefined;
    // The one under way may have begun before the last line: one more covers all who ask meanwhile.
    this.#nextSync ??= this.#syncing.then(() => {
      this.#nextSync = undefined;
      return this.flush();
    });
    return this.#nextSync;
  }

  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      clearTimeout(this.#timer);
      closeSync(this.#file.fd);
    }
  }

  #syncInBackground(): void {
    // A failure is kept: the next append or flush throws it.
    this.flush().catch(() => {});
  }

  async #sync(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isDirty = false;
    this.#syncing = syncFile(this.#file.fd);
    try {
      await this.#syncing;
    } catch (error) {
      throw this.#break(error);
    } finally {
      this.#syncing = undefined;
    }
  }

  #break(error: unknown): FlowError {
    this.#broken ??= notWritable(this.#file.path, error, EXIT.failed);
    return this.#broken;
  }
}

/** One write, as far as the kernel takes it whole. */
function writeWhole(fd: number, line: Uint8Array): void {
  for (let written = 0; written < line.length; ) {
    written += writeSync(fd, line, written);
  }
}

function cutTornLine(fd: number, wholeBytes: number): void {
  if (fstatSync(fd).size > wholeBytes) ftruncateSync(fd, wholeBytes);
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw notWritable(path, error, EXIT.notStarted);
  }
}

function notWritable(path: string, cause: unknown, exitCode: number): FlowError {
  return new FlowError(`The journal ${path} cannot be written: ${errnoOf(cause)}.`, {
    code: 'JOURNAL_NOT_WRITABLE',
    hint: remedyFor(
      cause,
      'what was written before is kept: free space there or make it writable, then resume the run',
    ),
    exitCode,
    cause,
  });
}
