import { describe, expect, it } from 'vitest';
import type { ItemNotice, YieldedItems } from '../../../src/model/task.ts';
import { readItemSync } from '../../../src/store/item-pages.ts';
import { openMemoryBlobStore } from '../../../src/store/memory/blob-store.ts';
import { ItemDemand } from '../../../src/worker/item-demand.ts';
import { type StreamTarget, streamItems } from '../../../src/worker/stream-items.ts';

const blobs = openMemoryBlobStore();

function open(options: { readonly before?: YieldedItems; readonly maxItems?: number } = {}) {
  const demand = new ItemDemand();
  const sent: Extract<ItemNotice, { readonly type: 'yielded' }>[] = [];
  const target: StreamTarget = {
    step: 'start',
    blobs,
    maxItems: options.maxItems ?? 1_000,
    before: options.before,
    send: async (notice) => {
      if (notice.type === 'yielded') sent.push(notice);
    },
    demand: () => demand.take(),
  };
  const values = () =>
    sent.map(({ page }) =>
      Array.from({ length: page.count }, (_, slot) =>
        readItemSync({ page: page.ref, slot }, blobs),
      ),
    );
  return { demand, sent, target, values };
}

/** Lets everything happen that needs no further event. */
const settle = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('items of an async iterable', () => {
  it('are not drawn before they are wanted, nor further than that', async () => {
    const { demand, target, values } = open();
    let drawn = 0;
    async function* count() {
      for (;;) yield drawn++;
    }
    const work = streamItems(count(), { ...target, maxItems: 4 });
    work.catch(() => {});
    await settle();
    expect(drawn).toBe(0);
    demand.add(2);
    await settle();
    expect([drawn, values()]).toEqual([2, [[0, 1]]]);
    demand.add(2);
    await settle();
    expect(values()).toEqual([
      [0, 1],
      [2, 3],
    ]);
    demand.add(1);
    await expect(work).rejects.toMatchObject({ code: 'TOO_MANY_SPLITS' });
  });

  it('go on at once when the next one takes its time', async () => {
    const { demand, target, values } = open();
    let goOn = () => {};
    const wait = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    async function* lines() {
      yield 'a';
      yield 'b';
      await wait;
      yield 'c';
    }
    demand.add(10);
    const work = streamItems(lines(), target);
    await settle();
    expect(values()).toEqual([['a', 'b']]);
    goOn();
    expect(await work).toMatchObject({ size: 3, pages: [{ first: 0, count: 3 }] });
    expect(values()).toEqual([['a', 'b'], ['c']]);
  });

  it('have one digest, however they were cut into pages, and another one if they differ', async () => {
    const digestOf = async (items: readonly unknown[], step: number) => {
      const { demand, sent, target } = open();
      async function* all() {
        for (const item of items) {
          demand.add(step);
          yield item;
        }
      }
      demand.add(step);
      await streamItems(all(), target);
      return sent.at(-1)?.digest;
    };
    const whole = await digestOf(['a', 'b', 'c'], 9);
    expect(await digestOf(['a', 'b', 'c'], 1)).toBe(whole);
    expect(await digestOf(['a', 'bc', ''], 9)).not.toBe(whole);
    expect(await digestOf(['a', 'c', 'b'], 9)).not.toBe(whole);
  });

  it('are drawn again without being sent again, and must be the same', async () => {
    async function* yieldAll(items: readonly number[]) {
      yield* items;
    }
    const first = open();
    first.demand.add(9);
    await streamItems(yieldAll([1, 2]), first.target);
    const before = { count: 2, digest: first.sent[0]!.digest, changes: {} };

    const again = open({ before });
    again.demand.add(9);
    expect(await streamItems(yieldAll([1, 2, 3]), again.target)).toMatchObject({ size: 3 });
    expect(again.sent.map(({ page }) => page.first)).toEqual([2]);
    expect(again.values()).toEqual([[3]]);

    const other = open({ before });
    await expect(streamItems(yieldAll([1, 9]), other.target)).rejects.toThrow('other items');
    const keyed = open({ before });
    const withKeys = { ...keyed.target, keyOf: (item: unknown) => `key of ${String(item)}` };
    await expect(streamItems(yieldAll([1, 2]), withKeys)).rejects.toThrow('other items');
    const shorter = open({ before });
    await expect(streamItems(yieldAll([1]), shorter.target)).rejects.toThrow('only 1 of the 2');
  });

  it('end with the error of the iterable, after it was given the chance to close', async () => {
    const { demand, target, values } = open();
    const closed: string[] = [];
    async function* broken() {
      try {
        yield 1;
        throw new Error('line is down');
      } finally {
        closed.push('closed');
      }
    }
    demand.add(9);
    await expect(streamItems(broken(), target)).rejects.toThrow('line is down');
    expect(closed).toEqual(['closed']);
    // What came before the error had no pause behind it: it belongs to the attempt that failed.
    expect(values()).toEqual([]);
  });
});
