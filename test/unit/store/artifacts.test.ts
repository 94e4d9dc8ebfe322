import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { BlobStore } from '../../../src/model/ports/blob-store.ts';
import {
  artifactBytes,
  decodeArtifact,
  decodeArtifactSync,
  encodeArtifact,
  hashValue,
} from '../../../src/store/artifacts.ts';
import { openMemoryBlobStore } from '../../../src/store/memory/blob-store.ts';

const SAMPLES: { readonly [title: string]: readonly [value: unknown, encoding: string] } = {
  'a string': ['Grüße', 'text'],
  'a long string': ['é'.repeat(5_000), 'text'],
  'a string with half a surrogate pair': ['\ud800', 'cbor'],
  'a Buffer': [Buffer.from('abc'), 'Buffer'],
  'an ArrayBuffer': [new Uint8Array([1, 2, 3]).buffer, 'ArrayBuffer'],
  'a DataView': [new DataView(new Uint8Array([1, 2, 3]).buffer, 1), 'DataView'],
  'a view on a part of a buffer': [new Int16Array(new ArrayBuffer(10), 2, 3), 'Int16Array'],
  'a large Float64Array': [new Float64Array(1_000).fill(0.1), 'Float64Array'],
  'an empty Uint8Array': [new Uint8Array(0), 'Uint8Array'],
  'a BigUint64Array': [new BigUint64Array([1n]), 'BigUint64Array'],
  'an object': [{ a: [1, new Map()] }, 'cbor'],
  'a large array': [Array.from({ length: 2_000 }, (_, at) => at * 7), 'cbor'],
  undefined: [undefined, 'cbor'],
};

describe('encodeArtifact', () => {
  for (const [title, [value, encoding]] of Object.entries(SAMPLES)) {
    it(`keeps ${title} as ${encoding}`, async () => {
      const blobs = openMemoryBlobStore();
      const ref = await encodeArtifact(value, blobs);
      expect(ref.encoding).toBe(encoding);
      expect(isDeepStrictEqual(await decodeArtifact(ref, blobs), value)).toBe(true);
      expect(isDeepStrictEqual(decodeArtifactSync(ref, blobs), value)).toBe(true);
      expect((await artifactBytes(ref, blobs)).byteLength).toBe(ref.size);
      expect(hashValue(value)).toEqual({ hash: ref.hash, encoding });
    });
  }

  it('keeps 2,048 bytes inline, without a blob, and one more as a blob', async () => {
    const blobs = openMemoryBlobStore();
    const small = await encodeArtifact(Buffer.alloc(2_048), blobs);
    const large = await encodeArtifact(Buffer.alloc(2_049), blobs);
    expect([small.inline?.length, await blobs.has(small.hash)]).toEqual([2_732, false]);
    expect([large.inline, await blobs.has(large.hash)]).toEqual([undefined, true]);
  });

  it('backs decoded arrays by a buffer of their own, of exactly their size', async () => {
    const blobs = openMemoryBlobStore();
    for (const length of [3, 1_000]) {
      const ref = await encodeArtifact(new Float64Array(length), blobs);
      const decoded = decodeArtifactSync(ref, blobs) as Float64Array;
      expect([decoded.byteOffset, decoded.buffer.byteLength]).toEqual([0, length * 8]);
      decoded[0] = 1;
      expect((decodeArtifactSync(ref, blobs) as Float64Array)[0]).toBe(0);
    }
  });

  it('writes nothing for a value that is what it was before', async () => {
    const before = await encodeArtifact(Buffer.alloc(5_000, 1), openMemoryBlobStore());
    const empty = openMemoryBlobStore();
    expect(await encodeArtifact(Buffer.alloc(5_000, 1), empty, { before })).toBe(before);
    expect(await empty.has(before.hash)).toBe(false);
    const changed = await encodeArtifact(Buffer.alloc(5_000, 2), empty, { before });
    expect(await empty.has(changed.hash)).toBe(true);
    const otherKind = await encodeArtifact(new Uint8Array(5_000).fill(1), empty, { before });
    expect(otherKind.encoding).toBe('Uint8Array');
  });

  it('calls the value by the name it is given', () => {
    const blobs: BlobStore = openMemoryBlobStore();
    expect(() => encodeArtifact({ run() {} }, blobs, { root: 'this.model' })).toThrow(
      /^this\.model\.run is a function/,
    );
  });

  it('refuses bytes on memory that other threads may write', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(8));
    expect(() => encodeArtifact(shared, openMemoryBlobStore())).toThrow(/shares its memory/);
  });
});
