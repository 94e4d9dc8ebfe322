import { describe, expect, it } from 'vitest';
import type { ItemPage } from '../../../src/model/task.ts';
import { itemKeysSync, readItemSync, writeItemPages } from '../../../src/store/item-pages.ts';
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

  it('keeps the keys of items with them, strings and numbers apart', async () => {
    const blobs = openMemoryBlobStore();
    const items = Array.from({ length: 300 }, (_, id) => ({ id }));
    const keyOf = (_item: unknown, index: number) => (index % 2 === 0 ? index : `${index}`);
    const { pages } = await writeItemPages(items, blobs, { maxItems: 300, keyOf });
    expect(pages.map(({ count, keyed }) => [count, keyed])).toEqual([
      [256, true],
      [44, true],
    ]);
    expect(pages.flatMap((page) => itemKeysSync(page, blobs) ?? [])).toEqual(
      items.map((_, index) => keyOf(_, index)),
    );
    expect(readItemSync({ page: pages[1]!.ref, slot: 43 }, blobs)).toEqual({ id: 299 });
    const plain = await writeItemPages(items, blobs, { maxItems: 300 });
    expect(plain.pages.map((page) => itemKeysSync(page, blobs))).toEqual([undefined, undefined]);
    // Whoever wrote a page without keys and says that it has some is not believed.
    const forged = { ...plain.pages[0]!, keyed: true } as const;
    expect(() => itemKeysSync(forged, blobs)).toThrow('the keys of the items from 0 on');
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
