import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { createDeferred, type Deferred } from '../base/deferred.ts';
import { EXIT, FlowError } from '../model/errors.ts';
import type { Position } from '../model/ids.ts';
import type { LogStream } from '../model/ports/executor.ts';
import { errnoOf } from './errno.ts';
import { encodeChunks, type IndexedChunk } from './log-index.ts';
import { openWhenFree } from './open-when-free.ts';
import { remedyFor } from './remedy-for.ts';

/** Which attempt of which run. */
export interface LogFilesOf {
  /** The run's folder. */
  readonly dir: string;
  readonly step: string;
  readonly position: Position;
  readonly attempt: number;
}

/**
 * What an attempt prints, untouched: one file per stream and an index of chunks, made on the first
 * byte, so that silent tasks make no file. While one batch is written the next one gathers.
 */
export interface LogFiles {
  /**
   * Takes the bytes over (do not change them afterwards). A promise says that the disk is behind:
   * await it before you read more. Never throws or rejects.
   */
  write(stream: LogStream, bytes: Uint8Array, atMs: number): void | Promise<void>;
  /** All bytes are with the kernel, or it resolves with why some could not be kept. */
  close(): Promise<FlowError | undefined>;
}

export type LogSuffix = 'out' | 'err' | 'idx';

export function logFilePath(of: LogFilesOf, suffix: LogSuffix): string {
  return join(of.dir, 'logs', of.step, `${of.position}.${of.attempt}.${suffix}`);
}

/** `onFailure` gets `LOG_NOT_WRITABLE` as soon as some bytes cannot be kept; all later ones are dropped. */
export function openLogFiles(
  of: LogFilesOf,
  onFailure: (error: FlowError) => void = () => {},
): LogFiles {
  return new BufferedLogFiles(of, onFailure);
}

const BEHIND_BYTES = 1 << 20;

interface Batch {
  readonly stdout: Uint8Array[];
  readonly stderr: Uint8Array[];
  readonly chunks: { stream: LogStream; length: number; atMs: number }[];
  bytes: number;
}

interface Written {
  readonly stream: LogStream;
  readonly bytes: Uint8Array;
  readonly atMs: number;
}

interface OpenFile {
  readonly handle: FileHandle;
  size: number;
}

class BufferedLogFiles implements LogFiles {
  readonly #of: LogFilesOf;
  readonly #onFailure: (error: FlowError) => void;
  readonly #files = new Map<LogSuffix, OpenFile>();
  #batch = emptyBatch();
  /** Gathering and on their way. */
  #unwrittenBytes = 0;
  #writing: Promise<void> | undefined;
  #caughtUp: Deferred<void> | undefined;
  #failure: FlowError | undefined;

  constructor(of: LogFilesOf, onFailure: (error: FlowError) => void) {
    this.#of = of;
    this.#onFailure = onFailure;
  }

  write(stream: LogStream, bytes: Uint8Array, atMs: number): void | Promise<void> {
    if (bytes.length === 0 || this.#failure !== undefined) return;
    addToBatch(this.#batch, { stream, bytes, atMs });
    this.#unwrittenBytes += bytes.length;
    this.#writing ??= this.#writeAll();
    if (this.#unwrittenBytes < BEHIND_BYTES) return;
    this.#caughtUp ??= createDeferred<void>();
    return this.#caughtUp.promise;
  }

  async close(): Promise<FlowError | undefined> {
    await this.#writing;
    for (const { handle } of this.#files.values()) {
      // Some file systems say only here that the disk is full.
      await handle.close().catch((error: unknown) => this.#fail(error));
    }
    this.#files.clear();
    return this.#failure;
  }

  #fail(cause: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = notWritable(this.#of, cause);
    this.#onFailure(this.#failure);
  }

  async #writeAll(): Promise<void> {
    while (this.#batch.bytes > 0 && this.#failure === undefined) {
      const batch = this.#batch;
      this.#batch = emptyBatch();
      try {
        await this.#writeBatch(batch);
      } catch (error) {
        this.#fail(error);
      }
      this.#unwrittenBytes -= batch.bytes;
      this.#catchUp();
    }
    this.#writing = undefined;
  }

  #catchUp(): void {
    if (this.#unwrittenBytes >= BEHIND_BYTES && this.#failure === undefined) return;
    this.#caughtUp?.resolve();
    this.#caughtUp = undefined;
  }

  /** The index last: what it names is there. */
  async #writeBatch(batch: Batch): Promise<void> {
    const offsets = {
      stdout: await this.#append('out', batch.stdout),
      stderr: await this.#append('err', batch.stderr),
    };
    const indexed: IndexedChunk[] = [];
    for (const { stream, length, atMs } of batch.chunks) {
      indexed.push({ stream, length, atMs, offset: offsets[stream] });
      offsets[stream] += length;
    }
    await this.#append('idx', [encodeChunks(indexed)]);
  }

  /** Returns where the bytes begin in the file. */
  async #append(suffix: LogSuffix, parts: Uint8Array[]): Promise<number> {
    if (parts.length === 0) return 0;
    const file = this.#files.get(suffix) ?? (await this.#open(suffix));
    const offset = file.size;
    file.size += await appendParts(file.handle, parts);
    return offset;
  }

  async #open(suffix: LogSuffix): Promise<OpenFile> {
    const path = logFilePath(this.#of, suffix);
    await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
    const handle = await openWhenFree(() => open(path, 'a', 0o600));
    // An attempt that was placed again goes on where the first placement stopped.
    const file = { handle, size: (await handle.stat()).size };
    this.#files.set(suffix, file);
    return file;
  }
}

/** Without putting the parts together first. The system may take fewer bytes than it is given. */
async function appendParts(handle: FileHandle, parts: Uint8Array[]): Promise<number> {
  const bytes = parts.reduce((sum, part) => sum + part.length, 0);
  const { bytesWritten } = await handle.writev(parts);
  if (bytesWritten < bytes) await handle.appendFile(Buffer.concat(parts).subarray(bytesWritten));
  return bytes;
}

function emptyBatch(): Batch {
  return { stdout: [], stderr: [], chunks: [], bytes: 0 };
}

/** What comes in the same millisecond on the same stream is one chunk. */
function addToBatch(batch: Batch, { stream, bytes, atMs }: Written): void {
  const last = batch.chunks.at(-1);
  if (last?.stream === stream && last.atMs === atMs) last.length += bytes.length;
  else batch.chunks.push({ stream, length: bytes.length, atMs });
  batch[stream].push(bytes);
  batch.bytes += bytes.length;
}

function notWritable(of: LogFilesOf, cause: unknown): FlowError {
  const path = logFilePath(of, 'out');
  return new FlowError(`The log ${path} cannot be written: ${errnoOf(cause)}.`, {
    code: 'LOG_NOT_WRITABLE',
    hint: remedyFor(
      cause,
      'what was written before is kept: free space there or make it writable, then resume the run; --max-log-size limits what a task may print',
    ),
    exitCode: EXIT.failed,
    cause,
  });
}
