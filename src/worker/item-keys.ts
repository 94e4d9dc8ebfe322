import { FlowError } from '../model/errors.ts';
import type { ItemKey } from '../model/task.ts';
import { isItemKey } from '../store/item-pages.ts';

/** The key of an item, asked for once and in order. */
export type KeyOf = (item: unknown, index: number) => ItemKey;

/**
 * The keys of one foreach, as the step's own function gives them.
 *
 * @throws FlowError `FOREACH_KEY` for what is no key, and for a key that an earlier item has.
 */
export function keysOfItems(step: string, makeKey: (item: unknown) => unknown): KeyOf {
  const indexes = new Map<ItemKey, number>();
  return (item, index) => {
    const key = makeKey(item);
    if (!isItemKey(key)) throw notAKey(step, index, key);
    const earlier = indexes.get(key);
    if (earlier !== undefined) throw repeated(step, key, [earlier, index]);
    indexes.set(key, index);
    // A set and a map take −0 for 0, and so does a resume.
    return key === 0 ? 0 : key;
  };
}

function notAKey(step: string, index: number, key: unknown): FlowError {
  const isPromise = key instanceof Promise;
  if (isPromise) key.catch(() => {});
  return keyError(
    `the key of item ${index} in the foreach of "${step}" is ${describe(key)}, not a string or a finite number`,
    isPromise
      ? 'the key function must not be async'
      : 'return what names the item: (item) => item.id',
  );
}

function repeated(step: string, key: ItemKey, [one, other]: readonly [number, number]): FlowError {
  return keyError(
    `the items ${one} and ${other} in the foreach of "${step}" have the same key ${JSON.stringify(key).slice(0, 80)}`,
    'return what only one of the items has, or leave key out: items are matched by index then',
  );
}

function keyError(message: string, hint: string): FlowError {
  return new FlowError(message, { code: 'FOREACH_KEY', hint });
}

function describe(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'number') return String(value);
  if (value instanceof Promise) return 'a promise';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
