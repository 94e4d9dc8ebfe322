import { FlowError } from '../model/errors.ts';

/**
 * The layout of one blob file: a header of 16 bytes, then the bytes. The header holds the magic
 * `MRB1`, one byte for the compression (0 is none; nothing else exists yet), three bytes of zeros and
 * the number of plain bytes as a little-endian u64. A reader refuses what it does not know.
 */
export const BLOB_HEADER_BYTES = 16;

const MAGIC = Buffer.from('MRB1');
const COMPRESSION_OFFSET = 4;
const SIZE_OFFSET = 8;

export function blobHeader(sizeBytes: number): Buffer {
  const header = Buffer.alloc(BLOB_HEADER_BYTES);
  MAGIC.copy(header);
  header.writeBigUInt64LE(BigInt(sizeBytes), SIZE_OFFSET);
  return header;
}

/** The number of plain bytes, or undefined if this is no header of a blob. Throws FlowError `STORE_FORMAT_NEWER`. */
export function parseBlobHeader(header: Uint8Array, file: string): number | undefined {
  const view = Buffer.from(header.buffer, header.byteOffset, header.byteLength);
  if (view.length < BLOB_HEADER_BYTES || view.compare(MAGIC, 0, 3, 0, 3) !== 0) return undefined;
  if (view[3] !== MAGIC[3] || view[COMPRESSION_OFFSET] !== 0) {
    throw new FlowError(`The blob ${file} is written in a form that this Millrace does not know.`, {
      code: 'STORE_FORMAT_NEWER',
      hint: 'use the newer Millrace that wrote it',
    });
  }
  return Number(view.readBigUInt64LE(SIZE_OFFSET));
}
