import { createHash, hash } from 'node:crypto';
import type { Hash } from '../model/ids.ts';

/** Slices this long keep a hash or a write from holding a second copy of the bytes. */
export const SLICE_BYTES = 4 * 1024 * 1024;

/** sha256 of the bytes, in slices: one update takes at most 2 GiB. */
export function hashBytes(bytes: Uint8Array): Hash {
  if (bytes.byteLength <= SLICE_BYTES) return asHash(hash('sha256', bytes, 'hex'));
  const hasher = createHasher();
  for (const slice of slicesOf(bytes)) hasher.update(slice);
  return hasher.digest();
}

export interface Hasher {
  update(bytes: Uint8Array): void;
  digest(): Hash;
}

export function createHasher(): Hasher {
  const whole = createHash('sha256');
  return {
    update: (bytes) => {
      whole.update(bytes);
    },
    digest: () => asHash(whole.digest('hex')),
  };
}

export function* slicesOf(bytes: Uint8Array): Generator<Uint8Array> {
  if (bytes.byteLength <= SLICE_BYTES) {
    yield bytes;
    return;
  }
  for (let start = 0; start < bytes.byteLength; start += SLICE_BYTES) {
    yield bytes.subarray(start, start + SLICE_BYTES);
  }
}

const HASH = /^[\da-f]{64}$/;

export function isHash(text: string): text is Hash {
  return HASH.test(text);
}

function asHash(text: string): Hash {
  if (!isHash(text)) throw new TypeError(`not a sha256: ${text}`);
  return text;
}
