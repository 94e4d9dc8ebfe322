import type { FlowClass } from '../flow/steps.ts';
import { type ParametersOf, rawParameters } from '../runner/parameter-values.ts';
import { resolveOriginParameters } from '../runtime/resume/origin-parameters.ts';
import { type InlineOutcome, runInline } from './run-inline.ts';
import { tellingAll } from './tell-all.ts';
import { makeTemporaryStore, removeTemporaryStore } from './temporary-store.ts';
import { type TestResumeOptions, TestRun } from './test-run.ts';
import type { TestRunOptions } from './test-run-options.ts';

export interface TestFlowOptions<F extends FlowClass> extends TestRunOptions {
  /** What is not given has its default. The environment is not looked at. */
  readonly parameters?: ParametersOf<F>;
}

/** Where a run and those that resume it are kept. */
interface Place<F extends FlowClass> {
  readonly flow: F;
  readonly store: string;
}

/**
 * Runs a whole flow in this process to its end, with the scheduler, the journal and the store of
 * `flow run`, in a store that disappears. One task runs at a time, unless `maxWorkers` says otherwise
 * or a step asks for more. Delays of retries pass at once: see {@link FakeTime}.
 *
 * @throws FlowError while nothing was started (`FLOW_INVALID`, `PARAMETER_INVALID`), and
 *   `TEST_INJECTION_UNUSED` for a failure that never happened. A run that fails is a status.
 * @example
 * ```ts
 * await using run = await testFlow(Weather, { inject: [kill('average', { task: 1 })] });
 * expect(run.status).toBe('succeeded');
 * expect(await run.artifacts.warmest).toEqual(['rome']);
 * ```
 */
export async function testFlow<F extends FlowClass>(
  flow: F,
  { parameters, ...options }: TestFlowOptions<F> = {},
): Promise<TestRun<F>> {
  const place = { flow, store: makeTemporaryStore() };
  try {
    const outcome = await tellingAll(() =>
      runInline({
        ...place,
        options,
        resolveParameters: (opened) => {
          const raw = rawParameters({ ...parameters }, opened.definition.parameters, {});
          return opened.resolveParameters(raw);
        },
      }),
    );
    return testRun(place, outcome);
  } catch (error) {
    removeTemporaryStore(place.store);
    throw error;
  }
}

function testRun<F extends FlowClass>(place: Place<F>, outcome: InlineOutcome): TestRun<F> {
  return new TestRun<F>(outcome, {
    resume: (options) => resume(place, outcome, options),
    dispose: () => removeTemporaryStore(place.store),
  });
}

async function resume<F extends FlowClass>(
  { flow: before, store }: Place<F>,
  { client, reference: origin }: InlineOutcome,
  { flow = before, step, rerun = [], ...options }: TestResumeOptions<F>,
): Promise<TestRun<F>> {
  const started = client.started(origin);
  const outcome = await tellingAll(() =>
    runInline({
      flow,
      store,
      options,
      resume: { origin, step, rerun },
      resolveParameters: (opened) => resolveOriginParameters(opened, started, {}),
    }),
  );
  return testRun({ flow, store }, outcome);
}
