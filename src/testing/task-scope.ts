import { AsyncLocalStorage } from 'node:async_hooks';
import { CURRENT } from '../flow/current.ts';
import { CURRENT_BLOBS } from '../store/current-blobs.ts';

/** What each task's process has one of. */
const PER_TASK = [CURRENT, CURRENT_BLOBS] as const;

const scopes = new AsyncLocalStorage<Map<symbol, unknown>>();

/**
 * Runs a task so that `current` and the store are its own, as in a process of its own: whatever other
 * tasks and tests do in this process meanwhile, and also in code that goes on after its end.
 */
export function inTaskScope<T>(work: () => Promise<T>): Promise<T> {
  install();
  return scopes.run(new Map(), work);
}

let isInstalled = false;

function install(): void {
  if (isInstalled) return;
  isInstalled = true;
  for (const name of PER_TASK) {
    let outside: unknown = Reflect.get(globalThis, name);
    Object.defineProperty(globalThis, name, {
      configurable: true,
      get: () => {
        const scope = scopes.getStore();
        return scope === undefined ? outside : scope.get(name);
      },
      set: (value: unknown) => {
        const scope = scopes.getStore();
        if (scope === undefined) outside = value;
        else scope.set(name, value);
      },
    });
  }
}
