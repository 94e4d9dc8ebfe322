import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Hash } from '../../src/model/ids.ts';
import type { BlobStore } from '../../src/model/ports/blob-store.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const ABSENT = 'ab'.repeat(32) as Hash;

async function* inPieces(bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

function someBytes(sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  for (let at = 0; at < sizeBytes; at += 1) bytes[at] = (at * 31 + (at >> 8)) & 0xff;
  return bytes;
}

/** What every blob store does. Each backend's test runs all of it. */
export function describeBlobStore(name: string, open: () => BlobStore | Promise<BlobStore>): void {
  describe(`the contract of blob stores, kept by ${name}`, () => {
    for (const sizeBytes of [0, 1, 65_536, 4 * 1024 * 1024, 9_000_001]) {
      it(`gives ${sizeBytes} bytes back under their sha256, read in each way`, async () => {
        const blobs = await open();
        const bytes = someBytes(sizeBytes);
        const { hash, size } = await blobs.put(bytes);
        expect({ hash, size }).toEqual({ hash: sha256(bytes), size: sizeBytes });
        expect(bytes.equals(await blobs.get(hash))).toBe(true);
        expect(bytes.equals(blobs.getSync(hash))).toBe(true);
        expect(bytes.equals(await collect(blobs.stream(hash)))).toBe(true);
      });
    }

    it('takes a stream in pieces of any length', async () => {
      const blobs = await open();
      const bytes = someBytes(300_000);
      for (const pieceBytes of [1_000, 299_999, 1_000_000]) {
        expect(await blobs.putStream(inPieces(bytes, pieceBytes))).toEqual({
          hash: sha256(bytes),
          size: bytes.length,
        });
      }
      expect(await blobs.putStream(inPieces(Buffer.alloc(0), 1))).toEqual(
        await blobs.put(Buffer.alloc(0)),
      );
    });

    it('keeps what was put, whatever becomes of the buffer afterwards', async () => {
      const blobs = await open();
      const bytes = Buffer.from('before');
      const { hash } = await blobs.put(bytes);
      bytes.write('AFTER!');
      const first = blobs.getSync(hash);
      first.fill(0);
      expect(Buffer.from(await blobs.get(hash)).toString()).toBe('before');
    });

    it('puts the bytes that a view shows, not its whole buffer', async () => {
      const blobs = await open();
      const { hash } = await blobs.put(new Uint8Array(someBytes(100).buffer, 10, 5));
      expect((await blobs.get(hash)).byteLength).toBe(5);
    });

    it('gives buffers of exactly the size, so that typed arrays can take them over', async () => {
      const blobs = await open();
      const { hash } = await blobs.put(someBytes(16));
      for (const bytes of [await blobs.get(hash), blobs.getSync(hash)]) {
        expect([bytes.byteOffset, bytes.buffer.byteLength]).toEqual([0, 16]);
      }
    });

    it('knows what it has', async () => {
      const blobs = await open();
      const { hash } = await blobs.put(Buffer.from('a'));
      expect(await blobs.has(hash)).toBe(true);
      expect(await blobs.has(ABSENT)).toBe(false);
    });

    it('takes the same bytes from many at once', async () => {
      const blobs = await open();
      const bytes = someBytes(2_000_000);
      const puts = Array.from({ length: 8 }, (_, at) =>
        at % 2 === 0 ? blobs.put(bytes) : blobs.putStream(inPieces(bytes, 70_000)),
      );
      expect(new Set((await Promise.all(puts)).map(({ hash }) => hash)).size).toBe(1);
      expect(bytes.equals(await blobs.get(sha256(bytes) as Hash))).toBe(true);
    });

    it('says which blob is missing, read in each way', async () => {
      const blobs = await open();
      const missing = expect.objectContaining({
        code: 'STORE_BLOB_MISSING',
        message: expect.stringContaining(ABSENT),
        hint: expect.any(String),
      });
      await expect(blobs.get(ABSENT)).rejects.toEqual(missing);
      expect(() => blobs.getSync(ABSENT)).toThrow(missing);
      await expect(collect(blobs.stream(ABSENT))).rejects.toEqual(missing);
    });

    it('keeps nothing of a stream that fails, and hands its error on', async () => {
      const blobs = await open();
      async function* failing(): AsyncGenerator<Uint8Array> {
        yield Buffer.from('half');
        throw new Error('the source broke');
      }
      await expect(blobs.putStream(failing())).rejects.toThrow('the source broke');
      expect(await blobs.has(sha256(Buffer.from('half')) as Hash)).toBe(false);
    });

    it('brings what it has to the disk', async () => {
      const blobs = await open();
      const { hash } = await blobs.put(Buffer.from('durable'));
      await blobs.sync([hash, hash]);
      expect(Buffer.from(await blobs.get(hash)).toString()).toBe('durable');
    });
  });
}
