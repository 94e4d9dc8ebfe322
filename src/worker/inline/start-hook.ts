import { createDeferred } from '../../base/deferred.ts';
import { exitHooksOf } from '../../flow/exit-hooks.ts';
import { InternalError } from '../../model/errors.ts';
import type { Failure } from '../../model/failure.ts';
import type { BlobStore } from '../../model/ports/blob-store.ts';
import type { HookRequest, InlineHook } from '../../model/ports/inline-worker.ts';
import type { SourcePlaces } from '../stack-frames.ts';
import { describeThrown } from '../user-error.ts';
import { exitFailure, freshScope, openScopes, runInScope } from './task-scope.ts';

export interface HookOwner {
  readonly flow: object;
  readonly blobs: BlobStore;
  readonly places: SourcePlaces;
}

/** Calls an exit hook of a loaded class. What it prints is its own, and `process.exit` ends only it. */
export function startHook(owner: HookOwner, { index, ended, onLog }: HookRequest): InlineHook {
  const hook = exitHooksOf(owner.flow)[index];
  if (hook === undefined) throw new InternalError(`the flow has no exit hook ${index}`);
  const result = createDeferred<Failure | undefined>();
  let isOver = false;
  const scope = freshScope({
    blobs: owner.blobs,
    onLog: (stream, bytes) => {
      if (!isOver) onLog(stream, bytes);
    },
    configs: undefined,
  });
  const close = openScopes();
  const finish = (failure: Failure | undefined): void => {
    if (isOver) return;
    isOver = true;
    close();
    result.resolve(exitFailure(scope) ?? failure);
  };
  const call = async (): Promise<void> => {
    // Nothing of the hook comes before its start is recorded.
    await Promise.resolve();
    if (!isOver) await hook.run(ended);
  };
  runInScope(scope, call).then(
    () => finish(undefined),
    (thrown: unknown) => finish(describeThrown(thrown, owner.places)),
  );
  return { failure: result.promise, abandon: () => finish(undefined) };
}
