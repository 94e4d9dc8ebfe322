import { createDeferred } from '../base/deferred.ts';
import { FlowError } from '../model/errors.ts';

/**
 * What user code does wrong outside the call that runs it: errors that nobody caught, and promises
 * that nobody can settle any more. `first` rejects with the first of them and is otherwise silent.
 */
export interface Crashes {
  readonly first: Promise<never>;
}

export function watchCrashes(): Crashes {
  const crash = createDeferred<never>();
  crash.promise.catch(() => {});
  const reject = (event: 'uncaughtException' | 'unhandledRejection') => (reason: unknown) => {
    // A listener of the user's means that the user's code deals with it.
    if (process.listenerCount(event) === 1) crash.reject(reason);
  };
  process.on('uncaughtException', reject('uncaughtException'));
  process.on('unhandledRejection', reject('unhandledRejection'));
  process.on('beforeExit', () => crash.reject(stuckError()));
  return { first: crash.promise };
}

function stuckError(): FlowError {
  return new FlowError('the code awaits a promise that nothing can settle any more', {
    code: 'NEVER_SETTLES',
    hint: 'no timer, file, socket or child process is left that could: check each await for a promise whose resolve is never called',
  });
}
