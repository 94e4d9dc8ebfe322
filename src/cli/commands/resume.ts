import { didYouMean } from '../../base/suggest.ts';
import { type Client, openClient } from '../../client/client.ts';
import type { RunSummary } from '../../client/run-summary.ts';
import { FlowError } from '../../model/errors.ts';
import type { FlowGraph } from '../../model/graph.ts';
import { isPosition, type TaskPath } from '../../model/ids.ts';
import { handleInterrupts } from '../../runtime/interrupt.ts';
import { type OpenedFlow, openFlow } from '../../runtime/open-flow.ts';
import { refuseParameters } from '../../runtime/refuse-parameters.ts';
import { type Foreseen, foresee } from '../../runtime/resume/foresee.ts';
import { resolveOriginParameters } from '../../runtime/resume/origin-parameters.ts';
import type { OriginRun } from '../../runtime/resume/origin-run.ts';
import { readOrigin } from '../../runtime/resume/read-origin.ts';
import { type Rerun, ResumePlan } from '../../runtime/resume/resume-plan.ts';
import { sameItemIn } from '../../runtime/resume/same-item.ts';
import { runFlow } from '../../runtime/run-flow.ts';
import { soundGraph } from '../../runtime/sound-graph.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import { parseFlowTarget } from '../flow-target.ts';
import { formatTable } from '../format-table.ts';
import { printWarnings } from '../print-warnings.ts';
import { type Added, joinAdded, readAdded } from '../read-added.ts';
import { readRunOptions } from '../read-run-options.ts';
import { secretsFrom } from '../run-line.ts';
import { RESERVED_OPTION_NAMES } from '../run-options.ts';
import { createReaders } from '../run-readers.ts';
import { storeFolder } from '../store-folder.ts';

/** `flow resume`: a new run that takes over what ended well in an earlier one. */
export async function resume(input: CommandInput): Promise<CommandResult> {
  const { options, host } = input;
  const given = options.texts('with');
  let opened = await openTarget(input, readAdded(given, host.cwd));
  try {
    const origin = await chooseOrigin(opened, input);
    const added = readAdded(joinAdded(origin.started.with ?? [], given), host.cwd);
    if (added.decorators.length > readAdded(given, host.cwd).decorators.length) {
      // Only the origin knows what was added to the flow, and only the flow's name finds the origin.
      await opened.close();
      opened = await openTarget(input, added);
    }
    return await resumeOpened(opened, { input, origin, added });
  } finally {
    await opened.close();
  }
}

function openTarget({ words, options, host }: CommandInput, added: Added): Promise<OpenedFlow> {
  const { file, flow } = parseFlowTarget(words[0] ?? '');
  return openFlow({
    file,
    cwd: host.cwd,
    store: storeFolder(options.text('store'), host),
    reservedOptions: RESERVED_OPTION_NAMES,
    with: added.decorators,
    ...(flow === undefined ? {} : { flow }),
  });
}

async function chooseOrigin(
  opened: OpenedFlow,
  { options, host }: CommandInput,
): Promise<OriginRun> {
  const { flow } = soundGraph(opened);
  const client = openClient(storeFolder(options.text('store'), host));
  const found = await findOrigin(client, flow, options.text('origin-run-id'));
  refuseHeld(found, options.flag('steal'));
  return readOrigin(found.dir, await client.graph(found));
}

interface Resuming {
  readonly input: CommandInput;
  readonly origin: OriginRun;
  readonly added: Added;
}

async function resumeOpened(
  opened: OpenedFlow,
  { input, origin, added }: Resuming,
): Promise<CommandResult> {
  const { words, options, host } = input;
  const graph = soundGraph(opened);
  printWarnings(opened, host);
  const store = storeFolder(options.text('store'), host);
  const client = openClient(store);
  const rerun = readRerun({ step: words[1], tasks: options.texts('rerun'), graph, origin });
  const runOptions = readRunOptions(options);
  const plan = new ResumePlan({ origin, graph, rerun, sameItem: sameItemIn(client.blobs) });
  if (options.flag('dry-run')) return showForeseen(origin.run, foresee(plan, graph, runOptions));
  const outcome = await resolveOriginParameters(opened, origin.started.parameters, {
    secrets: secretsFrom(opened.definition.parameters, host.environment),
    blobs: client.blobs,
  });
  const runIdFile = options.text('run-id-file');
  const { exitCode } = await runFlow(opened, {
    parameters: outcome.kind === 'resolved' ? outcome.values : refuseParameters(outcome.problems),
    options: runOptions,
    tags: options.texts('tag'),
    store,
    cwd: host.cwd,
    interrupts: handleInterrupts,
    with: added.policies,
    withTexts: added.texts,
    readers: createReaders(host, {
      json: options.flag('json'),
      target: words[0] ?? '',
      store: options.text('store'),
    }),
    resume: plan,
    ...(runIdFile === undefined ? {} : { runIdFile }),
  });
  return { kind: 'done', exitCode };
}

function showForeseen(origin: string, tasks: readonly Foreseen[]): CommandResult {
  return {
    kind: 'data',
    data: { origin, tasks: tasks.map(({ task, fate, why }) => ({ task, fate, why })) },
    text: () => formatTable(tasks.map(({ task, fate, why }) => [fate, task, why])),
  };
}

async function findOrigin(
  client: Client,
  flow: string,
  named: string | undefined,
): Promise<RunSummary> {
  if (named === undefined) {
    for (const run of await client.runs({ flow })) {
      if (run.status !== 'succeeded' && run.status !== 'running') return run;
    }
    throw new FlowError(`There is nothing to resume: no run of ${flow} failed or was cut short.`, {
      code: 'NOTHING_TO_RESUME',
      hint: 'see flow runs; --origin-run-id goes on from any run, one that succeeded too',
    });
  }
  const run = client.summary(await client.findRun(named));
  if (run.flow === flow) return run;
  throw new FlowError(`The run ${run.run} is one of ${run.flow}, not of ${flow}.`, {
    code: 'ORIGIN_OF_OTHER_FLOW',
    hint: 'name a run of the flow in the file, or the file of that flow',
  });
}

function refuseHeld({ run, status, host }: RunSummary, steal: boolean): void {
  if (status === 'running') {
    throw new FlowError(`The run ${run} is still alive.`, {
      code: 'ORIGIN_ALIVE',
      hint: 'wait for its end, or stop it with Ctrl-C where it runs',
    });
  }
  if (status !== 'unknown' || steal) return;
  throw new FlowError(
    `The run ${run} is held by ${host ?? 'another host'}, and may be alive there.`,
    {
      code: 'ORIGIN_HELD',
      hint: 'if you know that it is dead, add --steal',
    },
  );
}

interface RerunRequest {
  readonly step: string | undefined;
  /** Texts of `--rerun`. */
  readonly tasks: readonly string[];
  readonly graph: FlowGraph;
  readonly origin: OriginRun;
}

function readRerun({ step, tasks, graph, origin }: RerunRequest): Rerun {
  const names = graph.nodes.map(({ name }) => name);
  if (step !== undefined && !names.includes(step)) {
    throw new FlowError(`The flow has no step "${step}".`, {
      code: 'STEP_UNKNOWN',
      hint: didYouMean(step, names) ?? `its steps are ${names.join(', ')}`,
    });
  }
  const paths = tasks
    .flatMap((text) => text.split(','))
    .map((text) => readTask(text.trim(), origin));
  return { steps: new Set(step === undefined ? [] : [step]), tasks: new Set(paths) };
}

function readTask(text: string, { tasks, unfinished, run }: OriginRun): TaskPath {
  const known = [...tasks.keys(), ...unfinished.keys()];
  const path = known.find((one) => one === text);
  if (path !== undefined) return path;
  const [, position = ''] = text.split('/');
  throw new FlowError(`The run ${run} has no task "${text}".`, {
    code: 'TASK_NOT_FOUND',
    hint: isPosition(position)
      ? (didYouMean(text, known) ?? 'see flow resume FILE --dry-run for its tasks')
      : 'write step/task, e.g. work/3, or start/0 for a step outside any foreach',
  });
}
