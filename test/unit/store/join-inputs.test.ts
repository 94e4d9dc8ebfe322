import { describe, expect, it } from 'vitest';
import type { Position } from '../../../src/model/ids.ts';
import type { JoinInputs } from '../../../src/model/task.ts';
import { encodeArtifact } from '../../../src/store/artifacts.ts';
import { decodeJoinInputsSync, encodeJoinInputs } from '../../../src/store/join-inputs.ts';
import { openMemoryBlobStore } from '../../../src/store/memory/blob-store.ts';

describe('encodeJoinInputs', () => {
  it('brings base, items in order, tombstones and names back', async () => {
    const blobs = openMemoryBlobStore();
    const one = await encodeArtifact(1, blobs);
    const inputs: JoinInputs = {
      base: Object.assign(Object.create(null), { one }),
      items: Array.from({ length: 500 }, (_, at) => ({
        step: 'work',
        position: String(at) as Position,
        changes: { one, gone: null },
      })),
      couldSet: ['one', '__proto__'],
    };
    const ref = await encodeJoinInputs(inputs, blobs);
    expect(decodeJoinInputsSync(ref, blobs)).toEqual(inputs);
  });

  it.each([0, 1, 100, 101, 2_500])('brings %d items back', async (count) => {
    const blobs = openMemoryBlobStore();
    const items = Array.from({ length: count }, (_, at) => ({
      step: 'work',
      position: String(at) as Position,
      changes: {},
    }));
    const ref = await encodeJoinInputs({ base: {}, items, couldSet: [] }, blobs);
    expect(decodeJoinInputsSync(ref, blobs).items).toEqual(items);
  });

  it('takes nothing else for the inputs of a join', async () => {
    const blobs = openMemoryBlobStore();
    const ref = await encodeArtifact([1, 2], blobs);
    expect(() => decodeJoinInputsSync(ref, blobs)).toThrow(/bug in Millrace/);
  });
});
