import { itemRef } from '../../model/item-page.ts';
import type { BlobStore } from '../../model/ports/blob-store.ts';
import type { ItemKey, ItemPage } from '../../model/task.ts';
import { itemBytesSync, itemKeysSync } from '../../store/item-pages.ts';
import type { PlanRequest } from './resume-plan.ts';
import type { ItemPlace } from './same-inputs.ts';

/** Compares items as they are encoded. A page that is the same as a whole is not read. */
export function storedItems(blobs: BlobStore): PlanRequest['items'] {
  const keys = new WeakMap<ItemPage, readonly ItemKey[]>();
  return {
    isSame: (a, b) => {
      if (!hasItem(a) || !hasItem(b)) return false;
      const [one, other] = [itemRef(a.pages, a.index), itemRef(b.pages, b.index)];
      if (one.slot === other.slot && one.page.hash === other.page.hash) return true;
      return Buffer.compare(itemBytesSync(one, blobs), itemBytesSync(other, blobs)) === 0;
    },
    keysOf: (page) => {
      const known = keys.get(page) ?? itemKeysSync(page, blobs);
      if (known !== undefined) keys.set(page, known);
      return known;
    },
  };
}

function hasItem({ pages, index }: ItemPlace): boolean {
  const last = pages.at(-1);
  return last !== undefined && index < last.first + last.count;
}
