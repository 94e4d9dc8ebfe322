import { createDeferred } from '../base/deferred.ts';
import type { Failure } from '../model/failure.ts';
import type { LogStream } from '../model/ports/executor.ts';
import type {
  InlineListener,
  InlineOutcome,
  InlineTask,
  InlineWorker,
} from '../model/ports/inline-worker.ts';
import type { TaskSpec } from '../model/task.ts';
import type { FakeTime } from './fake-time.ts';
import type { Injections } from './injected-failure.ts';
import { borrowProcess } from './process-state.ts';

export interface TestWorkerOptions {
  readonly time: FakeTime;
  readonly injections: Injections;
  /** Prints the tasks' output as well. */
  readonly showOutput: boolean;
}

/** The worker of inline runs, in a test: its tasks may be made to fail, and sleep in another time. */
export class TestWorker implements InlineWorker {
  readonly #worker: InlineWorker;
  readonly #options: TestWorkerOptions;

  constructor(worker: InlineWorker, options: TestWorkerOptions) {
    this.#worker = worker;
    this.#options = options;
  }

  open(spec: TaskSpec, listener: InlineListener): InlineTask {
    const { time, injections } = this.#options;
    const injected = injections.take(spec);
    const abandoned = createDeferred<undefined>();
    let task: InlineTask | undefined;
    const run = async (): Promise<InlineOutcome> => {
      if (injected?.when !== 'before') {
        task = this.#worker.open(spec, this.#heard(listener));
        const outcome = await task.run();
        if (injected === undefined) return outcome;
      }
      const { failure } = injected;
      if (failure.kind === 'timeout') await time.sleep(failure.afterMs);
      return failedWith(failure);
    };
    return {
      run: () => {
        const giveBack = borrowProcess();
        const outcome = Promise.race([
          time.during(run, abandoned.promise),
          abandoned.promise.then(() => failedWith(ABANDONED)),
        ]);
        return outcome.finally(giveBack);
      },
      hasTempDir: () => task?.hasTempDir() === true,
      pull: (count) => task?.pull(count),
      abort: (reason) => task?.abort(reason),
      abandon: () => {
        abandoned.resolve(undefined);
        task?.abandon();
      },
    };
  }

  close(): void {
    this.#worker.close();
  }

  #heard(listener: InlineListener): InlineListener {
    if (!this.#options.showOutput) return listener;
    return {
      ...listener,
      onLog: (stream: LogStream, bytes) => {
        listener.onLog(stream, bytes);
        process[stream].write(bytes);
      },
    };
  }
}

/** Whoever abandons a task knows why, and says so. */
const ABANDONED: Failure = { kind: 'lost', message: 'it was given up' };

function failedWith(failure: Failure): InlineOutcome {
  return { kind: 'failed', failed: { failure, changes: {} } };
}
