import { type ArtifactChanges, sameChanges } from '../../model/artifact.ts';
import type { ItemPage, TakenTransition, YieldedItems } from '../../model/task.ts';
import type { Command, StreamEvent } from './commands.ts';
import { type ItemStream, idOf, type Task } from './state.ts';

/** With fewer, a split would wait for its parent between any two items. */
const MIN_WINDOW = 4;
/** Also of a run without limits. */
const MAX_WINDOW = 1_024;

/**
 * The foreaches over async iterables that are open. A task that yields holds no slot, or its own items
 * could wait for it for ever; instead it is held back: it yields only what was asked for, so that at
 * most a window of items waits. And where as many yield as there are slots, only what lies inside the
 * innermost of them may start: each of these is given a chance to end before another one opens.
 */
export class ItemStreams {
  readonly #window: number;
  readonly #maxOpen: number;
  #open = 0;
  /** How many are open, by the number of foreaches around the tasks that yield. */
  readonly #openAt: number[] = [];
  /** Those of which an item has come, or was launched. */
  readonly #changed = new Set<ItemStream>();

  constructor(maxWorkers: number) {
    this.#maxOpen = maxWorkers;
    this.#window = Math.max(MIN_WINDOW, Math.min(2 * maxWorkers, MAX_WINDOW));
  }

  get isEmpty(): boolean {
    return this.#open === 0;
  }

  /** Only tasks with at least so many foreaches around them may start. */
  get minDepth(): number {
    return this.#open < this.#maxOpen ? 0 : this.#openAt.length;
  }

  open(stream: ItemStream): void {
    const { foreachDepth } = stream.task.step;
    this.#open += 1;
    while (this.#openAt.length <= foreachDepth) this.#openAt.push(0);
    this.#openAt[foreachDepth] = (this.#openAt[foreachDepth] ?? 0) + 1;
    this.#changed.add(stream);
  }

  close({ step }: Task): void {
    this.#open -= 1;
    this.#openAt[step.foreachDepth] = (this.#openAt[step.foreachDepth] ?? 0) - 1;
    while (this.#openAt.at(-1) === 0) this.#openAt.pop();
  }

  take(stream: ItemStream, count: number): void {
    stream.asked -= count;
    stream.waiting += count;
    this.#changed.add(stream);
  }

  /** An item's first task is launched, or taken over. */
  launch(task: Task): void {
    const stream = task.begins;
    if (stream === undefined) return;
    delete task.begins;
    stream.waiting -= 1;
    this.#changed.add(stream);
  }

  /** Asks for more where half of the window is free. */
  pull(commands: Command[]): void {
    if (this.#changed.size === 0) return;
    for (const stream of this.#changed) {
      const free = this.#window - stream.asked - stream.waiting;
      const isOpen = stream.task.phase === 'yielding' && stream.task.opened?.stream === stream;
      if (!isOpen || free * 2 < this.#window) continue;
      stream.asked += free;
      commands.push({ type: 'pull', ...idOf(stream.task), count: free });
    }
    this.#changed.clear();
  }
}

/** Why the graph does not allow a task to open this foreach; undefined if it does. */
export function checkOpening(
  { step, opened, phase, gang }: Task,
  { to, changes }: { readonly to: string; readonly changes: ArtifactChanges },
): string | undefined {
  const { transition } = step.node;
  if (gang !== undefined) return `"${step.name}" runs in a gang, whose tasks end together`;
  if (phase === 'yielding') return `"${step.name}" opened its foreach twice`;
  if (transition.kind !== 'foreach' || transition.to !== to) {
    return `"${step.name}" fanned out to "${to}", which is not what its text says`;
  }
  if (opened?.stream === undefined || opened.size === 0) return undefined;
  return sameChanges(opened.stream.changes, changes)
    ? undefined
    : `"${step.name}" set other fields than the attempt whose items have started`;
}

/** Why these items cannot be the next ones. */
export function checkItems({ step, opened, phase }: Task, page: ItemPage): string | undefined {
  const stream = opened?.stream;
  if (phase !== 'yielding' || stream === undefined) return `"${step.name}" has no open foreach`;
  return page.first === opened?.size && page.count > 0
    ? undefined
    : `the items of "${step.name}" are not in order`;
}

/** Why a task may not say this of its items; undefined if it may. */
export function checkStream(task: Task, event: StreamEvent): string | undefined {
  if (event.type === 'foreach.opened') return checkOpening(task, event);
  return checkItems(task, event.page) ?? checkDemand(task, event.page);
}

/** Why it should have waited with these items. */
function checkDemand({ step, opened }: Task, { count }: ItemPage): string | undefined {
  const asked = opened?.stream?.asked ?? 0;
  return count > asked
    ? `"${step.name}" sent ${count} items where ${asked} were asked for`
    : undefined;
}

/** Why a task whose foreach is open cannot end like this. */
export function checkYielded({ step, opened }: Task, taken: TakenTransition): string | undefined {
  if (opened === undefined) return undefined;
  const size = taken.kind === 'foreach' ? taken.size : 0;
  return size === opened.size
    ? undefined
    : `"${step.name}" yielded ${opened.size} items and ended with ${size}`;
}

/** What a retry must yield again, before it goes on. */
export function yieldedSoFar({ opened }: Task): YieldedItems | undefined {
  if (opened?.stream?.digest === undefined) return undefined;
  const { digest, changes } = opened.stream;
  return { count: opened.size, digest, changes };
}
