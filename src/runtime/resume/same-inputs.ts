import { sameChanges } from '../../model/artifact.ts';
import type { TaskId } from '../../model/ids.ts';
import { type ArtifactScope, flatten } from '../../model/lineage.ts';
import type { ItemPage } from '../../model/task.ts';
import type { FrameView } from '../scheduler/open-frames.ts';
import type { JoinView } from '../scheduler/task-scope.ts';

/** Everything that a task's result may depend on, save code and parameters. */
export interface TaskInputs {
  readonly start: ArtifactScope;
  readonly frames: readonly FrameView[];
  readonly join?: JoinView;
}

/** An item of a foreach: where it lies. */
export interface ItemPlace {
  readonly pages: readonly ItemPage[];
  readonly index: number;
}

/** What the comparison asks of others. */
export interface Sameness {
  /** Whether two foreaches hold the same item there. */
  readonly isSameItem: (a: ItemPlace, b: ItemPlace) => boolean;
  /** Whether a task stands for that one of the other run. */
  readonly isSameTask: (a: TaskId, b: TaskId) => boolean;
}

/**
 * Compares what tasks start with, by hashes. What was found out once is remembered by the scopes, so
 * that behind a clone nothing is compared twice: O(1) per task, however many artifacts it inherits.
 */
export class InputComparison {
  readonly #sameness: Sameness;
  readonly #known = new WeakMap<ArtifactScope, { other: ArtifactScope; same: boolean }>();

  constructor(sameness: Sameness) {
    this.#sameness = sameness;
  }

  isSame(a: TaskInputs, b: TaskInputs): boolean {
    return (
      this.#sameFrames(a.frames, b.frames) &&
      this.#sameJoin(a.join, b.join) &&
      this.#sameScope(a.start, b.start)
    );
  }

  /** A foreach that only got wider is the same to the items that it had before; a gang is not. */
  #sameFrames(a: readonly FrameView[], b: readonly FrameView[]): boolean {
    return (
      a.length === b.length &&
      a.every((frame, n) => {
        const other = b[n];
        if (other === undefined || frame.kind !== other.kind) return false;
        if (frame.kind === 'gang' && frame.size !== other.size) return false;
        const isSamePlace = frame.pages === other.pages && frame.index === other.index;
        return isSamePlace || this.#sameness.isSameItem(frame, other);
      })
    );
  }

  #sameJoin(a: JoinView | undefined, b: JoinView | undefined): boolean {
    if (a === undefined || b === undefined) return a === b;
    return (
      a.inputs.length === b.inputs.length &&
      a.inputs.every((input, n) => {
        const other = b.inputs[n];
        return (
          other !== undefined &&
          this.#sameness.isSameTask(input, other) &&
          this.#sameScope(input.scope, other.scope)
        );
      })
    );
  }

  #sameScope(a: ArtifactScope, b: ArtifactScope): boolean {
    if (a === b) return true;
    const known = this.#known.get(a);
    if (known?.other === b) return known.same;
    const same = this.#followsSame(a, b) || sameChanges(flatten(a), flatten(b));
    this.#known.set(a, { other: b, same });
    return same;
  }

  /** The same changes over what is known to be the same. */
  #followsSame(a: ArtifactScope, b: ArtifactScope): boolean {
    if (a.parent === undefined || b.parent === undefined) return false;
    const known = this.#known.get(a.parent);
    const sameParent = a.parent === b.parent || (known?.other === b.parent && known.same);
    return sameParent && (a.own === b.own || sameChanges(a.own, b.own));
  }
}
