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
  const over = new AbortController();
  const timer =
    timeoutMs === undefined ? undefined : setTimeout(() => onTimeout(timeoutMs), timeoutMs);
  try {
    await (signal === undefined
      ? ended
      : Promise.race([ended, rejectOnAbort(signal, over.signal)]));
  } finally {
    clearTimeout(timer);
    over.abort();
  }
}

function rejectOnAbort(signal: AbortSignal, over: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true, signal: over });
  });
}
