import type { FlowSpec } from '../flow/flow-spec.ts';
import type { SkippedWay, StepWrapper, WrappedStep } from '../flow/step-wrapper.ts';
import { FlowError } from '../model/errors.ts';

/** A step with the custom decorators around it. */
export interface WrappedCall {
  readonly wrappers: readonly StepWrapper[];
  readonly flow: FlowSpec & { [field: string]: unknown };
  readonly step: string;
  readonly argument: unknown;
  /** Calls the step's own method. */
  readonly body: () => unknown;
}

/**
 * Runs a step inside its decorators, the first of them outermost, and remembers what the task's end
 * depends on: whether the step itself ended, and whose error it was if one gets out.
 */
export class WrappedRun {
  readonly #call: WrappedCall;
  #hasEnded = false;
  /** The error that is on its way out, and the decorator whose own it is, if any. */
  #thrown: { readonly error: unknown; readonly decorator?: string } | undefined;
  #way: SkippedWay | undefined;

  constructor(call: WrappedCall) {
    this.#call = call;
  }

  async run(): Promise<void> {
    await this.#layer(0);
  }

  /** How to go on where the step did not say it; undefined if it ended by itself. */
  get skippedWay(): SkippedWay | undefined {
    return this.#hasEnded ? undefined : (this.#way ?? {});
  }

  /** The decorator in whose code the error came up. */
  decoratorOf(error: unknown): string | undefined {
    return this.#thrown?.error === error ? this.#thrown?.decorator : undefined;
  }

  async #layer(at: number): Promise<void> {
    const wrapper = this.#call.wrappers[at];
    if (wrapper === undefined) return this.#runBody();
    const { hooks } = wrapper;
    const inner = new InnerRun(wrapper.decorator, () => this.#layer(at + 1));
    const task = this.#openTask(wrapper, inner);
    await this.#own(wrapper, () => hooks.before?.(task));
    if (!inner.isSkipped) await this.#runInner(wrapper, inner, task);
    await this.#own(wrapper, () => hooks.after?.(task));
  }

  async #runInner(wrapper: StepWrapper, inner: InnerRun, task: WrappedStep): Promise<void> {
    const { hooks } = wrapper;
    try {
      if (hooks.around === undefined) await inner.run();
      else {
        await this.#own(wrapper, () => hooks.around?.(task, () => inner.run()));
        await inner.settle();
      }
    } catch (error) {
      if (hooks.onError === undefined || !inner.threw(error)) throw error;
      await this.#own(wrapper, () => hooks.onError?.(task, error));
    }
  }

  async #runBody(): Promise<void> {
    try {
      await this.#call.body();
      this.#hasEnded = true;
    } catch (error) {
      this.#thrown = { error };
      throw error;
    }
  }

  /** Code of one decorator: an error that did not come from further in is its own. */
  async #own({ decorator }: StepWrapper, hook: () => unknown): Promise<void> {
    try {
      await hook();
    } catch (error) {
      if (this.#thrown?.error !== error) this.#thrown = { error, decorator };
      throw error;
    }
  }

  #openTask({ decorator, options }: StepWrapper, inner: InnerRun): WrappedStep {
    const { flow, step, argument } = this.#call;
    const skip = (way: SkippedWay = {}): void => {
      if (this.#hasEnded) throw tooLate(decorator, step);
      inner.skip();
      this.#way = way;
    };
    return new OpenStep(inner, { flow, step, argument, options, skip });
  }
}

/** What a decorator's hooks are given. */
class OpenStep implements WrappedStep {
  readonly flow: WrappedStep['flow'];
  readonly step: string;
  readonly argument: unknown;
  readonly options: unknown;
  /** Bound: hooks take it out. */
  readonly skip: WrappedStep['skip'];
  readonly #inner: InnerRun;

  constructor(inner: InnerRun, facts: Omit<WrappedStep, 'isSkipped'>) {
    this.#inner = inner;
    this.flow = facts.flow;
    this.step = facts.step;
    this.argument = facts.argument;
    this.options = facts.options;
    this.skip = facts.skip;
  }

  get isSkipped(): boolean {
    return this.#inner.isSkipped;
  }
}

/** What a decorator stands around. It runs at most once. */
class InnerRun {
  readonly #decorator: string;
  readonly #start: () => Promise<void>;
  #running: ObservedPromise | undefined;
  #failure: { readonly error: unknown } | undefined;
  #isSkipped = false;

  constructor(decorator: string, start: () => Promise<void>) {
    this.#decorator = decorator;
    this.#start = start;
  }

  get isSkipped(): boolean {
    return this.#isSkipped;
  }

  skip(): void {
    this.#isSkipped = true;
  }

  run(): Promise<void> {
    if (this.#isSkipped) throw runRefused(this.#decorator, 'after it had skipped it');
    if (this.#running !== undefined) throw runRefused(this.#decorator, 'twice');
    const started = this.#start().catch((error: unknown) => {
      this.#failure = { error };
      throw error;
    });
    this.#running = new ObservedPromise((resolve) => resolve(started));
    return this.#running;
  }

  /** After `around`: a run that it did not wait for is waited for here, and its error counts. */
  async settle(): Promise<void> {
    if (this.#running === undefined) this.#isSkipped = true;
    else if (!this.#running.isObserved) await this.#running;
    else await this.#running.catch(() => {});
  }

  threw(error: unknown): boolean {
    return this.#failure?.error === error;
  }
}

/** Knows whether anybody looked at how it ended. */
class ObservedPromise extends Promise<void> {
  isObserved = false;

  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- awaiting calls it
  override then<T = void, E = never>(
    onFulfilled?: ((value: void) => T | PromiseLike<T>) | null,
    onRejected?: ((reason: unknown) => E | PromiseLike<E>) | null,
  ): Promise<T | E> {
    this.isObserved = true;
    return super.then(onFulfilled, onRejected);
  }
}

function tooLate(decorator: string, step: string): FlowError {
  return new FlowError(`@${decorator} skipped the step "${step}" after it had run`, {
    code: 'DECORATOR_MISUSE',
    hint: 'skip it in before, or in around without calling run',
  });
}

function runRefused(decorator: string, when: string): FlowError {
  return new FlowError(`@${decorator} called run ${when}`, {
    code: 'DECORATOR_MISUSE',
    hint: 'call it once, or not at all; to try a step again, use @retry',
  });
}
