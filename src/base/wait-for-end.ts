import { createDeferred } from './deferred.ts';
import { onAbort } from './on-abort.ts';

export interface WaitLimits {
  /** When it is over, `onTimeout` is called; the end is still waited for. */
  readonly timeoutMs: number | undefined;
  readonly onTimeout: (timeoutMs: number) => void;
  /** Ends the waiting only. */
  readonly signal: AbortSignal | undefined;
}

/** Waits for the end of something that can be stopped. Rejects with the signal's reason if that is first. */
export async function waitForEnd(
  ended: Promise<void>,
  { timeoutMs, onTimeout, signal }: WaitLimits,
): Promise<void> {
  signal?.throwIfAborted();
  const timer =
    timeoutMs === undefined ? undefined : setTimeout(() => onTimeout(timeoutMs), timeoutMs);
  const aborted = createDeferred<never>();
  const forget = signal && onAbort(signal, () => aborted.reject(signal.reason));
  try {
    await (signal === undefined ? ended : Promise.race([ended, aborted.promise]));
  } finally {
    clearTimeout(timer);
    forget?.();
  }
}
