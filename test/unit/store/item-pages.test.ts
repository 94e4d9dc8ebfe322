import { describe, expect, it } from 'vitest';
import type { ItemPage } from '../../../src/model/task.ts';
import { readItemSync, writeItemPages } from '../../../src/store/item-pages.ts';
import { openMemoryBlobStore } from '../../../src/store/memory/blob-store.ts';

const bounds = (pages: readonly ItemPage[]) => pages.map(({ first, count }) => [first, count]);

describe('writeItemPages', () => {
  it('fills pages of 256 items, in order and without gaps', async () => {
    const blobs = openMemoryBlobStore();
    const items = Array.from({ length: 600 }, (_, id) => ({ id }));
    const { size, pages } = await writeItemPages(items, blobs, { maxItems: 1_000 });
    expect(size).toBe(600);
    expect(bounds(pages)).toEqual([
      [0, 256],
      [256, 256],
      [512, 88],
    ]);
    for (const { first, count, ref } of pages) {
      for (let slot = 0; slot < count; slot += 1) {
        expect(readItemSync({ page: ref, slot }, blobs)).toEqual({ id: first + slot });
      }
    }
  });

  it('ends a page before 64 KiB, save that one item may be larger', async () => {
    const blobs = openMemoryBlobStore();
    const items = [30_000, 30_000, 30_000, 200_000, 10].map((length) => 'x'.repeat(length));
    const { pages } = await writeItemPages(items, blobs, { maxItems: 10 });
    expect(bounds(pages)).toEqual([
      [0, 2],
      [2, 1],
      [3, 1],
      [4, 1],
    ]);
    expect(readItemSync({ page: pages[2]!.ref, slot: 0 }, blobs)).toBe(items[3]);
  });

  it('gives each reader an item of its own', async () => {
    const blobs = openMemoryBlobStore();
    const { pages } = await writeItemPages([[1]], blobs, { maxItems: 1 });
    const item = { page: pages[0]!.ref, slot: 0 };
    (readItemSync(item, blobs) as number[]).push(2);
    expect(readItemSync(item, blobs)).toEqual([1]);
  });

  it('takes any iterable, and none is no page', async () => {
    const blobs = openMemoryBlobStore();
    expect(await writeItemPages(new Set(), blobs, { maxItems: 5 })).toEqual({ size: 0, pages: [] });
    const { size } = await writeItemPages(new Map([['a', 1]]).entries(), blobs, { maxItems: 5 });
    expect(size).toBe(1);
  });

  it('stops at the first item too many, even of an endless iterable, and names the option', async () => {
    function* endless(): Generator<number> {
      for (let item = 0; ; item += 1) yield item;
    }
    await expect(
      writeItemPages(endless(), openMemoryBlobStore(), { maxItems: 1_000 }),
    ).rejects.toEqual(
      expect.objectContaining({
        code: 'TOO_MANY_SPLITS',
        message: expect.stringContaining('more than 1000 items'),
        hint: expect.stringContaining('--max-splits'),
      }),
    );
    await expect(
      writeItemPages([1, 2, 3], openMemoryBlobStore(), { maxItems: 3 }),
    ).resolves.toMatchObject({ size: 3 });
  });

  it('names the item that cannot be kept', async () => {
    const items = [1, { call() {} }];
    await expect(writeItemPages(items, openMemoryBlobStore(), { maxItems: 5 })).rejects.toThrow(
      /^item 1\.call is a function/,
    );
  });
});
