import type { GraphNode } from '../../src/model/graph.ts';
import type { TaskPath } from '../../src/model/ids.ts';
import type { ItemPage, TakenTransition } from '../../src/model/task.ts';

/** How a task ends for good. */
export type Outcome =
  | { readonly kind: 'succeeds'; readonly transition: TakenTransition }
  /** Of a foreach over an async iterable: after so many items. */
  | { readonly kind: 'fails' | 'is-cancelled'; readonly yielded?: YieldedBefore };

export interface YieldedBefore {
  readonly to: string;
  readonly size: number;
  readonly pages: readonly ItemPage[];
}

/** Says how each task ends; the same answer for the same task, whoever asks and when. */
export type Oracle = (task: TaskPath, node: GraphNode) => Outcome;
