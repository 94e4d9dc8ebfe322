import { type Client, openClient } from '../client/client.ts';
import type { RunReference } from '../client/run-reference.ts';
import type { FlowClass } from '../flow/steps.ts';
import type { ParameterOutcome } from '../model/definition.ts';
import type { FlowEvent, RunOptions } from '../model/events.ts';
import type { GraphNode } from '../model/graph.ts';
import { planResume, type RerunRequest } from '../runner/resume/plan-resume.ts';
import { StopSwitch } from '../runner/stop-switch.ts';
import type { ResumePlan } from '../runtime/resume/resume-plan.ts';
import { defaultRunOptions } from '../runtime/run-defaults.ts';
import { type RunOutcome, runFlow } from '../runtime/run-flow.ts';
import { FakeTime } from './fake-time.ts';
import { Injections } from './injected-failure.ts';
import { type OpenedInline, openInline } from './open-inline.ts';
import type { ReadFlow } from './read-flow.ts';
import { refuseGiven } from './resolve-given.ts';
import { refuse } from './spec-request.ts';
import type { TestRunOptions } from './test-run-options.ts';
import { TestWorker } from './test-worker.ts';

export interface InlineRequest {
  readonly flow: FlowClass;
  /** The store's root folder. */
  readonly store: string;
  readonly options: TestRunOptions;
  /** Present in a run that takes results over from another one. */
  readonly resume?: InlineResume;
  readonly resolveParameters: (opened: OpenedInline) => Promise<ParameterOutcome>;
}

export interface InlineResume extends RerunRequest {
  readonly origin: RunReference;
}

export interface InlineOutcome extends RunOutcome {
  readonly client: Client;
  readonly reference: RunReference;
  readonly events: readonly FlowEvent[];
  readonly time: FakeTime;
}

/** A run to its end in this process: `runFlow`, with another executor and another time. */
export async function runInline(request: InlineRequest): Promise<InlineOutcome> {
  const { flow, store, options } = request;
  const { time = new FakeTime(), onEvent, signal, tags = [], showOutput = false } = options;
  const opened = openInline(flow, store);
  const client = openClient(store);
  const events: FlowEvent[] = [];
  try {
    const { graph, definition } = opened.read;
    const injections = new Injections(options.inject ?? [], opened.read);
    const plan = await planOf(request, opened.read, client);
    const resolved = await request.resolveParameters(opened);
    const { values, configs } =
      resolved.kind === 'resolved' ? resolved : refuseGiven(resolved.problems);
    const runOptions = optionsOf(graph.nodes, options);
    const outcome = await runFlow(opened, {
      parameters: values,
      configs,
      given: plan.resume?.origin.started.given ?? {},
      options: runOptions,
      tags,
      store,
      cwd: process.cwd(),
      with: [],
      interrupts: new StopSwitch([signal]).source,
      time,
      inlineWorker: new TestWorker(opened.inlineOnly.worker, { time, injections, showOutput }),
      readers: [
        {
          onEvent: (event) => {
            events.push(event);
            onEvent?.(event);
          },
        },
      ],
      ...plan,
    });
    injections.requireAll();
    const reference = client.referenceOf(definition.name, outcome.run);
    return { ...outcome, client, reference, events, time };
  } finally {
    await opened.close();
  }
}

async function planOf(
  { resume }: InlineRequest,
  { graph }: ReadFlow,
  client: Client,
): Promise<{ readonly resume?: ResumePlan }> {
  if (resume === undefined) return {};
  const found = client.summary(resume.origin);
  return { resume: await planResume({ graph, found }, resume, client) };
}

/** Enough of everything: a test says the same on every machine. */
const PLENTY = { maxIo: 1_000, maxMemoryBytes: Number.MAX_SAFE_INTEGER, maxGpus: 1_000 };

function optionsOf(nodes: readonly GraphNode[], given: TestRunOptions): RunOptions {
  refuse(
    (given.maxWorkers ?? 1) > 1 && nodes.some(({ policy }) => policy.environment !== undefined),
    'steps with @environment share the environment of this process',
    'let tasks take turns: leave maxWorkers out',
  );
  const defaults = {
    ...defaultRunOptions(),
    ...PLENTY,
    isolation: 'inline',
    spares: false,
  } as const;
  const {
    maxWorkers = most(nodes),
    maxSplits = defaults.maxSplits,
    maxIterations = defaults.maxIterations,
    onFailure = defaults.onFailure,
    graceMs = defaults.graceMs,
  } = given;
  return { ...defaults, maxWorkers, maxSplits, maxIterations, onFailure, graceMs };
}

/** What the largest task, or gang whose size the text tells, needs: everything else takes turns. */
function most(nodes: readonly GraphNode[]): number {
  const cpus = nodes.map(({ policy }) => Math.ceil(policy.resources?.cpu ?? 1));
  const gangs = nodes.map(({ transition }) =>
    transition.kind === 'gang' ? (transition.size ?? 1) : 1,
  );
  return Math.max(1, ...cpus) * Math.max(1, ...gangs);
}
