import type { BlobStore } from '../../model/ports/blob-store.ts';
import type { ItemPage } from '../../model/task.ts';
import { itemBytesSync } from '../../store/item-pages.ts';
import { itemRef } from '../task-spec.ts';
import type { SameItem } from './same-inputs.ts';

/** Compares items as they are encoded. A page that is the same as a whole is not read. */
export function sameItemIn(blobs: BlobStore): SameItem {
  return (index, a, b) => {
    if (!hasItem(a, index) || !hasItem(b, index)) return false;
    const [one, other] = [itemRef(a, index), itemRef(b, index)];
    if (one.slot === other.slot && one.page.hash === other.page.hash) return true;
    return Buffer.compare(itemBytesSync(one, blobs), itemBytesSync(other, blobs)) === 0;
  };
}

function hasItem(pages: readonly ItemPage[], index: number): boolean {
  const last = pages.at(-1);
  return last !== undefined && index < last.first + last.count;
}
