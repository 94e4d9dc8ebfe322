import { scopeGlobal } from '../base/scope-global.ts';

/**
 * What this process must not keep. The store asks before it keeps bytes; nobody pays who has no secrets.
 */
export interface HiddenValues {
  /** Throws FlowError `SECRET_IN_ARTIFACT` that names the place inside the value. */
  refuse(bytes: Uint8Array, value: unknown, root: string): void;
  /** The same bytes, in pieces. */
  refuseStream(chunks: AsyncIterable<Uint8Array>, name: string): AsyncIterable<Uint8Array>;
}

export interface HiddenValuesHolder {
  hiddenValues: HiddenValues | undefined;
}

const HIDDEN_VALUES = Symbol.for('millrace.hiddenValues');

const shared: typeof globalThis & { readonly [HIDDEN_VALUES]?: HiddenValues | undefined } =
  globalThis;
const ofProcess: HiddenValuesHolder = { hiddenValues: undefined };
let holder = (): HiddenValuesHolder => ofProcess;

/** For processes that run several tasks at once: each task has its own. */
export function holdHiddenValues(perTask: () => HiddenValuesHolder | undefined): void {
  holder = () => perTask() ?? ofProcess;
}

export function setHiddenValues(values: HiddenValues | undefined): void {
  holder().hiddenValues = values;
}

export function hiddenValues(): HiddenValues | undefined {
  return holder().hiddenValues ?? shared[HIDDEN_VALUES];
}

/** With other copies of this package: a class that a program has loaded keeps files through its own. */
export function shareHiddenValues(): () => void {
  return scopeGlobal(HIDDEN_VALUES, { get: () => holder().hiddenValues });
}
