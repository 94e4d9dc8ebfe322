import type { ArtifactRef } from '../model/artifact.ts';
import { FlowError } from '../model/errors.ts';
import type { BlobStore } from '../model/ports/blob-store.ts';
import type { ItemPage, ItemRef } from '../model/task.ts';
import { artifactBytesSync, keepBytes } from './artifacts.ts';
import { hiddenValues } from './hidden-values.ts';
import { blobCorrupt } from './store-errors.ts';
import { readCbor, writeCbor } from './values/cbor.ts';
import { decodeValue, encodeValue } from './values/value.ts';

/**
 * The items of a foreach, in pages: a task reads the page of its item, never the whole list. A page is
 * a CBOR array of byte strings, each an item as `encodeValue` writes it.
 */
const MAX_PAGE_ITEMS = 256;
export const MAX_PAGE_BYTES = 64 * 1024;

export interface WrittenItems {
  readonly size: number;
  readonly pages: readonly ItemPage[];
}

export interface ItemLimits {
  readonly maxItems: number;
}

/**
 * Writes the items in order; a page holds at most 256 of them and 64 KiB, save that one item may be
 * larger. Throws FlowError `TOO_MANY_SPLITS` as soon as there is one item too many, and
 * `ARTIFACT_NOT_KEEPABLE`.
 */
export async function writeItemPages(
  items: Iterable<unknown>,
  blobs: BlobStore,
  { maxItems }: ItemLimits,
): Promise<WrittenItems> {
  const writer = new ItemPageWriter(blobs, { maxItems });
  for (const item of items) await writer.add(item);
  return writer.end();
}

/** The same, item by item. */
export class ItemPageWriter {
  readonly #blobs: BlobStore;
  readonly #maxItems: number;
  readonly #pages: ItemPage[] = [];
  #page = emptyPage(0);

  constructor(blobs: BlobStore, { maxItems }: ItemLimits) {
    this.#blobs = blobs;
    this.#maxItems = maxItems;
  }

  get size(): number {
    return this.#page.first + this.#page.items.length;
  }

  /** Returns the item as it is kept. */
  async add(item: unknown): Promise<Uint8Array> {
    const index = this.size;
    if (index >= this.#maxItems) throw tooManySplits(this.#maxItems);
    const bytes = encodeValue(item, `item ${index}`);
    hiddenValues()?.refuse(bytes, item, `item ${index}`);
    if (isFullFor(this.#page, bytes)) {
      this.#pages.push(await writeItemPage(this.#page, this.#blobs));
      this.#page = emptyPage(index);
    }
    this.#page.items.push(bytes);
    this.#page.sizeBytes += bytes.byteLength;
    return bytes;
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
  const bytes = readPage(page, blobs)[slot];
  if (!(bytes instanceof Uint8Array)) throw blobCorrupt(page.hash, `the page of item ${slot}`);
  return bytes;
}

/** Tasks that run one after another in one process read neighbours: the last page stays. */
const lastPages = new WeakMap<BlobStore, { readonly hash: string; readonly items: Page }>();

type Page = readonly unknown[];

function readPage(ref: ArtifactRef, blobs: BlobStore): Page {
  const last = lastPages.get(blobs);
  if (last?.hash === ref.hash) return last.items;
  const items = readCbor(artifactBytesSync(ref, blobs));
  if (!Array.isArray(items)) throw blobCorrupt(ref.hash, 'the page of items');
  lastPages.set(blobs, { hash: ref.hash, items });
  return items;
}

export interface OpenPage {
  readonly first: number;
  readonly items: Uint8Array[];
  sizeBytes: number;
}

function emptyPage(first: number): OpenPage {
  return { first, items: [], sizeBytes: 0 };
}

function isFullFor(page: OpenPage, item: Uint8Array): boolean {
  if (page.items.length === 0) return false;
  return page.items.length === MAX_PAGE_ITEMS || page.sizeBytes + item.byteLength > MAX_PAGE_BYTES;
}

/** Keeps items, as they are encoded, as one page. */
export async function writeItemPage(
  { first, items }: Pick<OpenPage, 'first' | 'items'>,
  blobs: BlobStore,
): Promise<ItemPage> {
  const ref = await keepBytes({ bytes: writeCbor(items), encoding: 'cbor' }, blobs);
  return { first, count: items.length, ref };
}

function tooManySplits(maxItems: number): FlowError {
  return new FlowError(`The foreach has more than ${maxItems} items.`, {
    code: 'TOO_MANY_SPLITS',
    hint: 'raise the limit with --max-splits, or group the items into fewer, larger ones',
    details: { maxSplits: maxItems },
  });
}
