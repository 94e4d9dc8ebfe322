import type { GraphNode } from '../../model/graph.ts';
import {
  formatPosition,
  type Level,
  parsePosition,
  type TaskId,
  type TaskPath,
  taskPath,
} from '../../model/ids.ts';
import { itemPage } from '../../model/item-page.ts';
import type { ItemKey, ItemPage } from '../../model/task.ts';
import type { FrameView } from '../scheduler/open-frames.ts';
import type { Scheduler } from '../scheduler/scheduler.ts';
import type { OriginRun } from './origin-run.ts';

/** The keys of a page's items, in order; undefined where they have none. */
export type KeysOf = (page: ItemPage) => readonly ItemKey[] | undefined;

/**
 * Which task of the origin each task of the new run stands for: the one at its position, save that an
 * item with a key stands for the one with the same key, at whatever index, where the foreach had keys
 * then too. With everything inside it: a task stands for at most one, and no two for the same.
 */
export class Counterparts {
  readonly #origin: OriginRun;
  readonly #nodes: ReadonlyMap<string, GraphNode>;
  readonly #keysOf: KeysOf;
  /** Of the origin, by the task that made the items. */
  readonly #indexes = new Map<TaskPath, ReadonlyMap<ItemKey, number>>();
  /** Those that stand for a task at another position, or for none. */
  readonly #moved = new Map<TaskPath, TaskPath | undefined>();

  constructor(origin: OriginRun, nodes: ReadonlyMap<string, GraphNode>, keysOf: KeysOf) {
    this.#origin = origin;
    this.#nodes = nodes;
    this.#keysOf = keysOf;
  }

  /** For a task that the scheduler holds ready; from then on `of` knows it. */
  find(task: TaskId, scheduler: Scheduler): TaskPath | undefined {
    const path = taskPath(task);
    if (this.#origin.keyed.size === 0) return path;
    const found = this.#look(task, scheduler.framesOf(task));
    if (found === path) this.#moved.delete(path);
    else this.#moved.set(path, found);
    return found;
  }

  /** For a task that was found before. */
  of(task: TaskId): TaskPath | undefined {
    const path = taskPath(task);
    return this.#moved.has(path) ? this.#moved.get(path) : path;
  }

  isSame(task: TaskId, other: TaskId): boolean {
    if (this.#moved.size > 0) return this.of(task) === taskPath(other);
    return task.step === other.step && task.position === other.position;
  }

  #look({ step, position }: TaskId, frames: readonly FrameView[]): TaskPath | undefined {
    const depth = this.#nodes.get(step)?.levels.length ?? 0;
    const there: Level[] = [];
    let open = 0;
    for (const level of parsePosition(position, depth) ?? []) {
      const frame = level.kind === 'item' ? frames[open++] : undefined;
      const index = frame && this.#indexOf(frame, there);
      if (frame !== undefined && index === undefined) return undefined;
      there.push(index === undefined ? level : { kind: 'item', index });
    }
    return taskPath({ step, position: formatPosition(there) });
  }

  /** Where the origin had the item, in a foreach at that place. */
  #indexOf({ step, index, pages }: FrameView, around: readonly Level[]): number | undefined {
    const splitter = taskPath({ step, position: formatPosition(around) });
    const before = this.#origin.keyed.get(splitter);
    const key = before === undefined ? undefined : this.#keyAt(pages, index);
    if (before === undefined || key === undefined) return index;
    let indexes = this.#indexes.get(splitter);
    if (indexes === undefined) {
      indexes = this.#indexesIn(before);
      this.#indexes.set(splitter, indexes);
    }
    return indexes.get(key);
  }

  #keyAt(pages: readonly ItemPage[], index: number): ItemKey | undefined {
    const page = itemPage(pages, index);
    return this.#keysOf(page)?.[index - page.first];
  }

  #indexesIn(pages: readonly ItemPage[]): ReadonlyMap<ItemKey, number> {
    const indexes = new Map<ItemKey, number>();
    for (const page of pages) {
      for (const [slot, key] of (this.#keysOf(page) ?? []).entries()) {
        indexes.set(key, page.first + slot);
      }
    }
    return indexes;
  }
}
