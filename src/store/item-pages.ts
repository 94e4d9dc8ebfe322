import type { ArtifactRef } from '../model/artifact.ts';
import { FlowError } from '../model/errors.ts';
import type { BlobStore } from '../model/ports/blob-store.ts';
import type { ItemKey, ItemPage, ItemRef } from '../model/task.ts';
import { artifactBytesSync, keepBytes } from './artifacts.ts';
import { hiddenValues } from './hidden-values.ts';
import { blobCorrupt } from './store-errors.ts';
import { readCbor, writeCbor } from './values/cbor.ts';
import { readPlainElement } from './values/read-plain.ts';
import { decodeValue, encodeValue } from './values/value.ts';

/**
 * The items of a foreach, in pages: a task reads the page of its item, never the whole list. A page is
 * a CBOR array of byte strings, each an item as `encodeValue` writes it; behind them their keys, if they
 * have any.
 */
const MAX_PAGE_ITEMS = 256;
export const MAX_PAGE_BYTES = 64 * 1024;

export interface WrittenItems {
  readonly size: number;
  readonly pages: readonly ItemPage[];
}

export interface ItemOptions {
  readonly maxItems: number;
  /** Asked once for each item, in order. */
  readonly keyOf?: ((item: unknown, index: number) => ItemKey) | undefined;
}

/** An item as it is kept. */
export interface KeptItem {
  readonly bytes: Uint8Array;
  readonly key: ItemKey | undefined;
}

/**
 * Writes the items in order; a page holds at most 256 of them and 64 KiB, save that one item may be
 * larger. Throws FlowError `TOO_MANY_SPLITS` as soon as there is one item too many, and
 * `ARTIFACT_NOT_KEEPABLE`, and what `keyOf` throws.
 */
export async function writeItemPages(
  items: Iterable<unknown>,
  blobs: BlobStore,
  options: ItemOptions,
): Promise<WrittenItems> {
  const writer = new ItemPageWriter(blobs, options);
  for (const item of items) await writer.add(item);
  return writer.end();
}

/** The same, item by item. */
export class ItemPageWriter {
  readonly #blobs: BlobStore;
  readonly #options: ItemOptions;
  readonly #pages: ItemPage[] = [];
  #page = emptyPage(0);

  constructor(blobs: BlobStore, options: ItemOptions) {
    this.#blobs = blobs;
    this.#options = options;
  }

  get size(): number {
    return this.#page.first + this.#page.items.length;
  }

  /** Returns the item as it is kept. */
  async add(item: unknown): Promise<KeptItem> {
    const index = this.size;
    const { maxItems, keyOf } = this.#options;
    if (index >= maxItems) throw tooManySplits(maxItems);
    const key = keyOf?.(item, index);
    const bytes = encodeValue(item, `item ${index}`);
    hiddenValues()?.refuse(bytes, item, `item ${index}`);
    if (typeof key === 'string') {
      hiddenValues()?.refuse(Buffer.from(key), key, `the key of item ${index}`);
    }
    if (isFullFor(this.#page, bytes)) {
      this.#pages.push(await writeItemPage(this.#page, this.#blobs));
      this.#page = emptyPage(index);
    }
    this.#page.items.push(bytes);
    if (key !== undefined) this.#page.keys.push(key);
    this.#page.sizeBytes += bytes.byteLength + (typeof key === 'string' ? key.length : 0);
    return { bytes, key };
  }

  async end(): Promise<WrittenItems> {
    const { size } = this;
    if (this.#page.items.length > 0) {
      this.#pages.push(await writeItemPage(this.#page, this.#blobs));
    }
    return { size, pages: this.#pages };
  }
}

/** One item, a fresh value each time. */
export function readItemSync({ page, slot }: ItemRef, blobs: BlobStore): unknown {
  return decodeValue(itemBytesSync({ page, slot }, blobs));
}

/** The item as it is encoded: equal bytes, equal items. */
export function itemBytesSync({ page, slot }: ItemRef, blobs: BlobStore): Uint8Array {
  const bytes = firstOf(page, slot, blobs) ?? readPage(page, blobs)[slot];
  if (!(bytes instanceof Uint8Array)) throw blobCorrupt(page.hash, `the page of item ${slot}`);
  return bytes;
}

/** The keys of a page's items, in order; undefined if they have none. */
export function itemKeysSync(page: ItemPage, blobs: BlobStore): readonly ItemKey[] | undefined {
  if (page.keyed !== true) return undefined;
  const keys = readPage(page.ref, blobs).slice(page.count);
  if (keys.length === page.count && keys.every(isItemKey)) return keys;
  throw blobCorrupt(page.ref.hash, `the keys of the items from ${page.first} on`);
}

export function isItemKey(value: unknown): value is ItemKey {
  return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value));
}

/** Tasks that run one after another in one process read neighbours, and a resume compares pages. */
const KEPT_PAGES_BYTES = 2 * 1024 * 1024;
/** What an item costs beside its bytes: a view of them. */
const ITEM_VIEW_BYTES = 256;
const keptPages = new WeakMap<BlobStore, KeptPages>();

type Page = readonly unknown[];

/** The last used at the end; the last of all stays, however large. */
class KeptPages {
  readonly #pages = new Map<string, { readonly items: Page; readonly sizeBytes: number }>();
  /** Nothing of any page was read yet. */
  isUnused = true;
  #lastUsed: string | undefined;
  #sizeBytes = 0;

  find(hash: string): Page | undefined {
    const page = this.#pages.get(hash);
    if (page === undefined) return undefined;
    if (hash !== this.#lastUsed) {
      this.#pages.delete(hash);
      this.#pages.set(hash, page);
      this.#lastUsed = hash;
    }
    return page.items;
  }

  add(hash: string, items: Page, encodedBytes: number): void {
    const sizeBytes = encodedBytes + items.length * ITEM_VIEW_BYTES;
    this.#pages.set(hash, { items, sizeBytes });
    this.#lastUsed = hash;
    this.#sizeBytes += sizeBytes;
    for (const [oldest, page] of this.#pages) {
      if (this.#sizeBytes <= KEPT_PAGES_BYTES || oldest === hash) return;
      this.#pages.delete(oldest);
      this.#sizeBytes -= page.sizeBytes;
    }
  }
}

function pagesOf(blobs: BlobStore): KeptPages {
  let pages = keptPages.get(blobs);
  if (pages === undefined) keptPages.set(blobs, (pages = new KeptPages()));
  return pages;
}

/** Most processes read one item in their life: they need not look at the rest of its page. */
function firstOf(ref: ArtifactRef, slot: number, blobs: BlobStore): Uint8Array | undefined {
  const pages = pagesOf(blobs);
  if (!pages.isUnused) return undefined;
  pages.isUnused = false;
  return readPlainElement(artifactBytesSync(ref, blobs), slot);
}

function readPage(ref: ArtifactRef, blobs: BlobStore): Page {
  const pages = pagesOf(blobs);
  const known = pages.find(ref.hash);
  if (known !== undefined) return known;
  const bytes = artifactBytesSync(ref, blobs);
  const items = readCbor(bytes);
  if (!Array.isArray(items)) throw blobCorrupt(ref.hash, 'the page of items');
  pages.add(ref.hash, items, bytes.byteLength);
  return items;
}

export interface OpenPage {
  readonly first: number;
  readonly items: Uint8Array[];
  /** As many as items, or none. */
  readonly keys: ItemKey[];
  sizeBytes: number;
}

function emptyPage(first: number): OpenPage {
  return { first, items: [], keys: [], sizeBytes: 0 };
}

function isFullFor(page: OpenPage, item: Uint8Array): boolean {
  if (page.items.length === 0) return false;
  return page.items.length === MAX_PAGE_ITEMS || page.sizeBytes + item.byteLength > MAX_PAGE_BYTES;
}

/** Keeps items, as they are encoded, as one page. */
export async function writeItemPage(
  { first, items, keys }: Omit<OpenPage, 'sizeBytes'>,
  blobs: BlobStore,
): Promise<ItemPage> {
  const bytes = writeCbor(keys.length === 0 ? items : [...items, ...keys]);
  const ref = await keepBytes({ bytes, encoding: 'cbor' }, blobs);
  return { first, count: items.length, ref, ...(keys.length === 0 ? {} : { keyed: true }) };
}

function tooManySplits(maxItems: number): FlowError {
  return new FlowError(`The foreach has more than ${maxItems} items.`, {
    code: 'TOO_MANY_SPLITS',
    hint: 'raise the limit with --max-splits, or group the items into fewer, larger ones',
    details: { maxSplits: maxItems },
  });
}
