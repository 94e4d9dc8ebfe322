import type { ForeachFrame, MergeOptions, StepHost } from '../flow/step-host.ts';
import { parseTransition, type RequestedTransition } from '../flow/transition.ts';
import { FlowError } from '../model/errors.ts';
import type { ItemRef, JoinInput, JoinInputs, TaskSpec } from '../model/task.ts';
import type { Fields } from './fields.ts';
import { inputOf } from './inputs.ts';
import { mergeArtifacts } from './merge-artifacts.ts';

/** What `this.next`, `this.mergeArtifacts`, `this.input` and the like talk to during one task. */
export class TaskHost implements StepHost {
  readonly #task: HostedTask;
  /** Most steps only ask for the item. */
  #stack: readonly ForeachFrame[] | undefined;
  /** What was read so far, by frame. */
  readonly #items: { readonly item: unknown }[] = [];
  #requested: RequestedTransition | undefined;
  #repeated: FlowError | undefined;
  #isOver = false;

  constructor(task: HostedTask) {
    this.#task = task;
  }

  get stack(): readonly ForeachFrame[] {
    this.#stack ??= this.#task.spec.frames.map(({ step, index, size }, depth) =>
      openFrame({ step, index, size }, () => this.#itemAt(depth)),
    );
    return this.#stack;
  }

  get input(): unknown {
    return this.#itemAt(this.#task.spec.frames.length - 1);
  }

  get index(): number | undefined {
    return this.#task.spec.frames.at(-1)?.index;
  }

  next(args: readonly unknown[]): void {
    const { spec, instance } = this.#task;
    if (this.#isOver) throw lateNext(spec.step);
    if (this.#requested !== undefined) {
      this.#repeated ??= repeatedNext(spec.step);
      throw this.#repeated;
    }
    this.#requested = parseTransition(instance, args);
  }

  merge(inputs: readonly unknown[], options: MergeOptions): void {
    const { join, fields, spec } = this.#task;
    if (join === undefined) {
      throw new FlowError(`mergeArtifacts was called in "${spec.step}", which is not a join`, {
        code: 'MERGE_OUTSIDE_JOIN',
        hint: 'call it in the step that takes the inputs',
      });
    }
    const merged = mergeArtifacts({
      ...options,
      base: join.base,
      inputs: sourcesOf(inputs),
      isAssigned: (name) => fields.isAssigned(name),
    });
    for (const [name, ref] of Object.entries(merged)) fields.inherit(name, ref);
  }

  /** The same each time: a step may have changed it. */
  #itemAt(depth: number): unknown {
    const { spec, readItem } = this.#task;
    const frame = spec.frames[depth];
    if (frame === undefined) return undefined;
    return (this.#items[depth] ??= { item: readItem(frame.item) }).item;
  }

  /** What the step asked for, once its method has ended. */
  end(): RequestedTransition | undefined {
    this.#isOver = true;
    if (this.#repeated !== undefined) throw this.#repeated;
    return this.#requested;
  }
}

export interface HostedTask {
  readonly spec: TaskSpec;
  readonly instance: object;
  readonly fields: Fields;
  readonly join: JoinInputs | undefined;
  readonly readItem: (item: ItemRef) => unknown;
}

const LOAD = Symbol('load');

/** One for all frames: with a getter of its own each would have a shape of its own. */
const ITEM = {
  get(this: { readonly [LOAD]?: () => unknown }): unknown {
    return this[LOAD]?.();
  },
  enumerable: true,
  configurable: true,
};

function openFrame(facts: Omit<ForeachFrame, 'item'>, load: () => unknown): ForeachFrame {
  const frame: ForeachFrame = { ...facts, item: undefined };
  Object.defineProperty(frame, LOAD, { value: load });
  Object.defineProperty(frame, 'item', ITEM);
  return frame;
}

function sourcesOf(inputs: readonly unknown[]): readonly JoinInput[] {
  return inputs.map((input) => {
    const source = inputOf(input);
    if (source !== undefined) return source;
    throw new FlowError('mergeArtifacts was given something that is not an input of the join', {
      code: 'MERGE_INPUTS',
      hint: 'pass the inputs as the step got them: this.mergeArtifacts(inputs)',
    });
  });
}

function repeatedNext(step: string): FlowError {
  return new FlowError(`the step "${step}" called this.next twice`, {
    code: 'NEXT_TWICE',
    hint: 'call it once, as the last thing; to run several steps side by side, name them all: this.next(this.a, this.b)',
  });
}

function lateNext(step: string): FlowError {
  return new FlowError(`this.next was called after the step "${step}" had ended`, {
    code: 'NEXT_LATE',
    hint: 'make the step async and await the work that leads to this.next',
  });
}
