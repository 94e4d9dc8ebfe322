import type { Failure } from '../model/failure.ts';
import type { HookRequest } from '../model/ports/inline-worker.ts';
import type { LogHandler } from './child-output.ts';
import type { Interruptible } from './interrupt.ts';

/** An exit hook under way, wherever it runs. */
export interface StartedHook extends Interruptible {
  /** Undefined where it ended well. */
  readonly failure: Promise<Failure | undefined>;
}

export type StartHook = (
  hook: Omit<HookRequest, 'onLog'> & { readonly onLog: LogHandler },
) => StartedHook;
