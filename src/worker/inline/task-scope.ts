import { AsyncLocalStorage } from 'node:async_hooks';
import { type CurrentHolder, holdCurrent } from '../../flow/current.ts';
import type { InlineListener } from '../../model/ports/inline-worker.ts';
import { type BlobsHolder, holdBlobs } from '../../store/current-blobs.ts';
import { type HiddenValuesHolder, holdHiddenValues } from '../../store/hidden-values.ts';
import { divertConsole } from './divert-console.ts';
import { divertOutput } from './divert-output.ts';
import { holdExit } from './hold-exit.ts';

/** What code finds of the task that it belongs to, where several run in one process. */
export interface TaskScope extends CurrentHolder, BlobsHolder, HiddenValuesHolder {
  readonly onLog: InlineListener['onLog'];
  /** What its code called `process.exit` with, if it did. */
  exitCode: number | undefined;
}

const scopes = new AsyncLocalStorage<TaskScope | undefined>();
const scopeOf = (): TaskScope | undefined => scopes.getStore();
holdHiddenValues(scopeOf);

export function runInScope<T>(scope: TaskScope, work: () => T): T {
  return scopes.run(scope, work);
}

/** For calls from a task to whoever runs it: nothing that follows is the task's. */
export function runOutside<T>(work: () => T): T {
  return scopes.run(undefined, work);
}

let workers = 0;
let undo: readonly (() => void)[] = [];

/** As long as somebody runs tasks here, the process tells them apart. */
export function openScopes(): () => void {
  workers += 1;
  if (workers === 1) {
    undo = [
      holdCurrent(scopeOf),
      holdBlobs(scopeOf),
      divertOutput(sinkOfTask),
      divertConsole(sinkOfTask),
      holdExit(scopeOf),
    ];
  }
  return () => {
    workers -= 1;
    if (workers === 0) for (const one of undo) one();
  };
}

function sinkOfTask(): InlineListener['onLog'] | undefined {
  const scope = scopeOf();
  if (scope === undefined) return undefined;
  return (stream, bytes) => runOutside(() => scope.onLog(stream, bytes));
}
