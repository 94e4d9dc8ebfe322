import { createDeferred } from '../base/deferred.ts';
import { FlowChild, type FlowChildOptions, type FlowCode } from './flow-child.ts';

/** The child of a task to come, whose process starts before anybody can say what it is to load. */
export class ChildAhead {
  readonly #options: Omit<FlowChildOptions, 'code'>;
  readonly #code = createDeferred<FlowCode>();
  #child: FlowChild | undefined;

  constructor(options: Omit<FlowChildOptions, 'code'>) {
    this.#options = options;
  }

  start(): void {
    this.#child = new FlowChild({ ...this.#options, code: this.#code.promise });
  }

  /** Hands it over, which happens once. Undefined if it was not started. */
  take(code: FlowCode): FlowChild | undefined {
    const child = this.#child;
    this.#child = undefined;
    this.#code.resolve(code);
    return child;
  }

  /** Resolves when it is gone, unless somebody has taken it. */
  async end(): Promise<void> {
    this.#child?.kill();
    await this.#child?.exit;
  }
}
