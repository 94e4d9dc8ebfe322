import type { Awaitable } from '../base/awaitable.ts';
import { type ArtifactChanges, sameChanges } from '../model/artifact.ts';
import { FlowError } from '../model/errors.ts';
import type { Hash } from '../model/ids.ts';
import type { BlobStore } from '../model/ports/blob-store.ts';
import type { ItemKey, ItemNotice, YieldedItems } from '../model/task.ts';
import { createHasher, hashBytes } from '../store/hash.ts';
import {
  type ItemOptions,
  ItemPageWriter,
  type KeptItem,
  MAX_PAGE_BYTES,
  type WrittenItems,
  writeItemPage,
} from '../store/item-pages.ts';

export interface StreamTarget {
  readonly step: string;
  readonly blobs: BlobStore;
  readonly maxItems: number;
  readonly keyOf?: ItemOptions['keyOf'];
  /** What an earlier attempt yielded: it has started, so it must come again. */
  readonly before: YieldedItems | undefined;
  readonly send: (notice: ItemNotice) => Awaitable<void>;
  /** Resolves with how many more items are wanted. */
  readonly demand: () => Promise<number>;
}

/**
 * Draws items from an async iterable, never more than are wanted, and hands them on as they come. What
 * comes without a pause goes together. Ends with the items as a whole, in full pages, as if they had
 * been given at once.
 */
export async function streamItems(
  items: AsyncIterable<unknown>,
  target: StreamTarget,
): Promise<WrittenItems> {
  const iterator = items[Symbol.asyncIterator]();
  const stream = new OutgoingItems(target);
  try {
    for (;;) {
      await stream.waitUntilWanted();
      const result = await stream.flushWhile(iterator.next());
      if (result.done === true) return await stream.end();
      await stream.add(result.value);
    }
  } catch (error) {
    await closeQuietly(iterator);
    throw error;
  }
}

function chain(before: Hash, { bytes, key }: KeptItem): Hash {
  const hasher = createHasher();
  hasher.update(Buffer.from(before));
  hasher.update(bytes);
  if (key !== undefined) hasher.update(Buffer.from(JSON.stringify(key)));
  return hasher.digest();
}

/** What the iterable holds open is closed; after an error of its own there is nothing to do. */
async function closeQuietly(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // The error that led here is the one to tell.
  }
}

/** What a task sets before its items come must be what an earlier attempt set for those that started. */
export function requireSameStart({ step, before }: StreamTarget, changes: ArtifactChanges): void {
  if (before === undefined || sameChanges(before.changes, changes)) return;
  throw differs(step, 'with other fields than the items that have started');
}

/** The items have started with what the fields were before. */
export function requireUnchanged(before: ArtifactChanges, after: ArtifactChanges): void {
  if (sameChanges(before, after)) return;
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const differing = [...names].filter(
    (name) => !sameChanges(only(before, name), only(after, name)),
  );
  throw new FlowError(
    `${differing.map((name) => `this.${name}`).join(', ')} changed while the items were yielded`,
    {
      code: 'FOREACH_CHANGES_FIELDS',
      hint: 'items start with what the fields are when the step calls this.next: set fields before, or in the join',
    },
  );
}

function only(changes: ArtifactChanges, name: string): ArtifactChanges {
  const change = changes[name];
  return change === undefined ? {} : { [name]: change };
}

function differs(step: string, what: string): FlowError {
  return new FlowError(`this attempt of "${step}" yields ${what}`, {
    code: 'FOREACH_YIELDS_DIFFER',
    hint: 'let the step set and yield the same again when it is tried again, or resume the run: a resume takes over the items that are the same',
  });
}

class OutgoingItems {
  readonly #target: StreamTarget;
  readonly #whole: ItemPageWriter;
  /** Over all items so far. */
  #digest = hashBytes(new Uint8Array());
  #batch: Uint8Array[] = [];
  #batchKeys: ItemKey[] = [];
  #batchBytes = 0;
  #wanted: number;

  constructor(target: StreamTarget) {
    this.#target = target;
    this.#whole = new ItemPageWriter(target.blobs, target);
    // Nobody has to ask for what came before.
    this.#wanted = target.before?.count ?? 0;
  }

  async waitUntilWanted(): Promise<void> {
    if (this.#wanted > 0) return;
    await this.#flush();
    this.#wanted = await this.#target.demand();
  }

  /** Items do not wait for a slow one behind them. */
  async flushWhile<T>(next: Promise<T>): Promise<T> {
    if (this.#batch.length > 0) {
      const pause = new Promise<undefined>((resolve) => setImmediate(resolve, undefined));
      const first = await Promise.race([next.then((result) => ({ result })), pause]);
      if (first !== undefined) return first.result;
      await this.#flush();
    }
    return await next;
  }

  async add(item: unknown): Promise<void> {
    const { before } = this.#target;
    const kept = await this.#whole.add(item);
    this.#digest = chain(this.#digest, kept);
    this.#wanted -= 1;
    const count = this.#whole.size;
    if (before === undefined || count > before.count) {
      this.#batch.push(kept.bytes);
      if (kept.key !== undefined) this.#batchKeys.push(kept.key);
      this.#batchBytes += kept.bytes.byteLength;
      if (this.#batchBytes > MAX_PAGE_BYTES) await this.#flush();
    } else if (count === before.count && this.#digest !== before.digest) {
      throw differs(this.#target.step, `other items than the ${count} that have started`);
    }
  }

  async end(): Promise<WrittenItems> {
    await this.#flush();
    const { size } = this.#whole;
    const { before } = this.#target;
    if (before !== undefined && size < before.count) {
      throw differs(
        this.#target.step,
        `only ${size} of the ${before.count} items that have started`,
      );
    }
    return await this.#whole.end();
  }

  async #flush(): Promise<void> {
    if (this.#batch.length === 0) return;
    const [items, keys] = [this.#batch, this.#batchKeys];
    const first = this.#whole.size - items.length;
    this.#batch = [];
    this.#batchKeys = [];
    this.#batchBytes = 0;
    const page = await writeItemPage({ first, items, keys }, this.#target.blobs);
    await this.#target.send({ type: 'yielded', page, digest: this.#digest });
  }
}
