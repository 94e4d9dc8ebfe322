interface Watched {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

const watched = new WeakMap<AbortSignal, Watched>();

/**
 * Calls back when the signal fires; the returned function takes that back. However many wait for one
 * signal, it has one listener: some Nodes warn of a leak at the eleventh.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const { callbacks } = watched.get(signal) ?? watch(signal);
  // One of its own, so that the same function may be given twice.
  const call = (): void => callback();
  callbacks.add(call);
  return () => {
    if (callbacks.delete(call) && callbacks.size === 0) unwatch(signal);
  };
}

function watch(signal: AbortSignal): Watched {
  const callbacks = new Set<() => void>();
  const listener = (): void => {
    for (const call of callbacks) call();
  };
  signal.addEventListener('abort', listener, { once: true });
  const made = { callbacks, listener };
  watched.set(signal, made);
  return made;
}

function unwatch(signal: AbortSignal): void {
  const { listener } = watched.get(signal) ?? {};
  if (listener !== undefined) signal.removeEventListener('abort', listener);
  watched.delete(signal);
}
