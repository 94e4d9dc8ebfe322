import { InternalError } from './errors.ts';
import type { ItemPage, ItemRef } from './task.ts';

/** Where an item lies, by its index. */
export function itemRef(pages: readonly ItemPage[], index: number): ItemRef {
  const page = itemPage(pages, index);
  return { page: page.ref, slot: index - page.first };
}

/** Pages are in index order and without gaps, so the right one is found by halving. */
export function itemPage(pages: readonly ItemPage[], index: number): ItemPage {
  let low = 0;
  let high = pages.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((pages[middle]?.first ?? 0) <= index) low = middle;
    else high = middle - 1;
  }
  const page = pages[low];
  if (page === undefined) throw new InternalError(`item ${index} is on no page`);
  return page;
}
