import type { LogStream } from '../model/ports/executor.ts';

/**
 * The index beside an attempt's log files: 16 bytes a chunk, little endian: where it begins in its
 * stream's file (6 bytes), when it came (6 bytes of milliseconds), and its length times two, plus
 * one for stderr (4 bytes). It alone knows in which order the two streams were written.
 */
export interface IndexedChunk {
  readonly stream: LogStream;
  readonly offset: number;
  readonly length: number;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

export const RECORD_BYTES = 16;

export function encodeChunks(chunks: readonly IndexedChunk[]): Buffer {
  const bytes = Buffer.allocUnsafe(chunks.length * RECORD_BYTES);
  chunks.forEach(({ stream, offset, length, atMs }, index) => {
    const at = index * RECORD_BYTES;
    bytes.writeUIntLE(offset, at, 6);
    bytes.writeUIntLE(atMs, at + 6, 6);
    bytes.writeUInt32LE(length * 2 + (stream === 'stderr' ? 1 : 0), at + 12);
  });
  return bytes;
}

/** A torn record at the end is left out. */
export function decodeChunks(bytes: Buffer): IndexedChunk[] {
  return Array.from({ length: Math.floor(bytes.length / RECORD_BYTES) }, (_, index) => {
    const at = index * RECORD_BYTES;
    const lengthAndStream = bytes.readUInt32LE(at + 12);
    return {
      stream: lengthAndStream % 2 === 1 ? 'stderr' : 'stdout',
      offset: bytes.readUIntLE(at, 6),
      length: Math.floor(lengthAndStream / 2),
      atMs: bytes.readUIntLE(at + 6, 6),
    };
  });
}
