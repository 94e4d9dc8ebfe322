import { FlowError } from '../model/errors.ts';

/**
 * What a flow's instance needs from whoever runs its step. The worker attaches one to the instance
 * before the step starts; FlowSpec itself knows nothing about tasks.
 */
export interface StepHost {
  /** The arguments of `this.next(...)` as they were given. */
  next(args: readonly unknown[]): void;
  merge(inputs: readonly unknown[], options: MergeOptions): void;
  /** The item of the innermost open foreach; undefined outside one. */
  readonly input: unknown;
  /** Its index; undefined outside a foreach. */
  readonly index: number | undefined;
  /** Open foreaches, outermost first. */
  readonly stack: readonly ForeachFrame[];
}

/** One open foreach, as a step inside it sees it. */
export interface ForeachFrame {
  /** The step that opened the foreach. */
  readonly step: string;
  /** From 0. */
  readonly index: number;
  /** How many items there are; undefined while an async iterable is still open. */
  readonly size: number | undefined;
  readonly item: unknown;
}

/** Which artifacts `mergeArtifacts` takes. Give one of them, or none. */
export interface MergeOptions {
  /** Only these fields. */
  readonly include?: readonly string[];
  /** All fields but these. */
  readonly exclude?: readonly string[];
}

/** Two copies of this package may meet in one process, hence the registered symbol. */
const HOST = Symbol.for('millrace.host');

export function attachHost(flow: object, host: StepHost): void {
  Object.defineProperty(flow, HOST, { value: host, enumerable: false, configurable: true });
}

/** The host of an instance whose step is running. `member` is what the caller was asked for. */
export function hostOf(flow: object & { readonly [HOST]?: StepHost }, member: string): StepHost {
  const host = flow[HOST];
  if (host === undefined) {
    throw new FlowError(`this.${member} was used outside a running step`, {
      code: 'OUTSIDE_STEP',
      hint: `use it inside a step, and run the flow with "flow run"; the constructor and field initialisers run without a task`,
    });
  }
  return host;
}
