import { AsyncLocalStorage } from 'node:async_hooks';
import { type ConfigReader, holdConfigReader } from '../../flow/config.ts';
import { type CurrentHolder, holdCurrent } from '../../flow/current.ts';
import type { Failure } from '../../model/failure.ts';
import type { InlineListener } from '../../model/ports/inline-worker.ts';
import { type BlobsHolder, holdBlobs } from '../../store/current-blobs.ts';
import {
  type HiddenValuesHolder,
  holdHiddenValues,
  shareHiddenValues,
} from '../../store/hidden-values.ts';
import { divertConsole } from './divert-console.ts';
import { divertOutput } from './divert-output.ts';
import { holdExit } from './hold-exit.ts';

/** What code finds of the task that it belongs to, where several run in one process. */
export interface TaskScope extends CurrentHolder, BlobsHolder, HiddenValuesHolder {
  readonly onLog: InlineListener['onLog'];
  /** Absent where the program itself has loaded the flow. */
  readonly configs: ConfigReader | undefined;
  /** What its code called `process.exit` with, if it did. */
  exitCode: number | undefined;
}

/** Of a task, or an exit hook, that has not begun. */
export function freshScope({
  blobs,
  onLog,
  configs,
}: Pick<TaskScope, 'blobs' | 'onLog' | 'configs'>): TaskScope {
  const none = undefined;
  return { blobs, onLog, configs, current: none, hiddenValues: none, exitCode: none };
}

/** As of a process that ended itself. */
export function exitFailure({ exitCode: code }: TaskScope): Failure | undefined {
  return code === undefined ? undefined : { kind: 'exit', code };
}

interface Scopes {
  readonly storage: AsyncLocalStorage<TaskScope | undefined>;
  /** Who runs tasks here now. */
  workers: number;
  undo: readonly (() => void)[];
}

const SCOPES = Symbol.for('millrace.inlineScopes');

/** Of all copies of the worker: a Runner's and that of the testing kit may be at work at once. */
const scopes = sharedScopes();
const scopeOf = (): TaskScope | undefined => scopes.storage.getStore();
holdHiddenValues(scopeOf);
holdConfigReader(() => scopeOf()?.configs);

export function runInScope<T>(scope: TaskScope, work: () => T): T {
  return scopes.storage.run(scope, work);
}

/** For calls from a task to whoever runs it: nothing that follows is the task's. */
export function runOutside<T>(work: () => T): T {
  return scopes.storage.run(undefined, work);
}

/** As long as somebody runs tasks here, the process tells them apart. */
export function openScopes(): () => void {
  scopes.workers += 1;
  if (scopes.workers === 1) {
    scopes.undo = [
      holdCurrent(scopeOf),
      holdBlobs(scopeOf),
      shareHiddenValues(),
      divertOutput(sinkOfTask),
      divertConsole(sinkOfTask),
      holdExit(scopeOf),
    ];
  }
  return () => {
    scopes.workers -= 1;
    if (scopes.workers === 0) for (const one of scopes.undo) one();
  };
}

function sharedScopes(): Scopes {
  const holder: typeof globalThis & { [SCOPES]?: Scopes } = globalThis;
  holder[SCOPES] ??= { storage: new AsyncLocalStorage(), workers: 0, undo: [] };
  return holder[SCOPES];
}

function sinkOfTask(): InlineListener['onLog'] | undefined {
  const scope = scopeOf();
  if (scope === undefined) return undefined;
  return (stream, bytes) => runOutside(() => scope.onLog(stream, bytes));
}
