import { didYouMean } from '../../base/suggest.ts';
import { type Client, openClient } from '../../client/client.ts';
import type { RunSummary } from '../../client/run-summary.ts';
import { FlowError } from '../../model/errors.ts';
import type { FlowGraph } from '../../model/graph.ts';
import { isPosition, type TaskPath } from '../../model/ids.ts';
import { handleInterrupts } from '../../runtime/interrupt.ts';
import { refuseParameters } from '../../runtime/refuse-parameters.ts';
import { type Foreseen, foresee } from '../../runtime/resume/foresee.ts';
import { resolveOriginParameters } from '../../runtime/resume/origin-parameters.ts';
import type { OriginRun } from '../../runtime/resume/origin-run.ts';
import { readOrigin } from '../../runtime/resume/read-origin.ts';
import { type Rerun, ResumePlan } from '../../runtime/resume/resume-plan.ts';
import { sameItemIn } from '../../runtime/resume/same-item.ts';
import { runFlow } from '../../runtime/run-flow.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import { formatTable } from '../format-table.ts';
import { type OpenedForResume, openForResume } from '../open-for-resume.ts';
import { printWarnings } from '../print-warnings.ts';
import { readRunOptions } from '../read-run-options.ts';
import { secretsFrom } from '../run-line.ts';
import { createReaders } from '../run-readers.ts';
import { storeFolder } from '../store-folder.ts';

/** `flow resume`: a new run that takes over what ended well in an earlier one. */
export async function resume(input: CommandInput): Promise<CommandResult> {
  const client = openClient(storeFolder(input.options.text('store'), input.host));
  const resuming = await openForResume(input, client);
  try {
    return await resumeOpened(resuming, input, client);
  } finally {
    await resuming.opened.close();
  }
}

async function resumeOpened(
  { opened, graph, found, added }: OpenedForResume,
  { words, options, host }: CommandInput,
  client: Client,
): Promise<CommandResult> {
  printWarnings(opened, host);
  refuseHeld(found, options.flag('steal'));
  const origin = readOrigin(found.dir, await client.graph(found));
  const rerun = readRerun({ step: words[1], tasks: options.texts('rerun'), graph, origin });
  const runOptions = readRunOptions(options);
  const plan = new ResumePlan({ origin, graph, rerun, sameItem: sameItemIn(client.blobs) });
  if (options.flag('dry-run')) {
    const foreseen = foresee(plan, graph, runOptions);
    return showForeseen(origin, foreseen, changedSteps(origin.graph, graph));
  }
  const outcome = await resolveOriginParameters(
    opened,
    origin.started,
    secretsFrom(opened.definition.parameters, host.environment),
  );
  const runIdFile = options.text('run-id-file');
  const resolved = outcome.kind === 'resolved' ? outcome : refuseParameters(outcome.problems);
  const { exitCode } = await runFlow(opened, {
    parameters: resolved.values,
    configs: resolved.configs,
    given: origin.started.given ?? {},
    options: runOptions,
    tags: options.texts('tag'),
    store: storeFolder(options.text('store'), host),
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

function showForeseen(
  { run }: OriginRun,
  tasks: readonly Foreseen[],
  changed: readonly string[],
): CommandResult {
  const table = formatTable(tasks.map(({ task, fate, why }) => [fate, task, why]));
  const note = `changed since that run: ${changed.join(', ')} (name a step to run it again)`;
  return {
    kind: 'data',
    data: {
      origin: run,
      tasks: tasks.map(({ task, fate, why }) => ({ task, fate, why })),
      changed,
    },
    text: () => (changed.length === 0 ? table : `${table}\n\n${note}`),
  };
}

/** Steps whose own text is another one. Nothing runs again for that alone. */
function changedSteps(before: FlowGraph, now: FlowGraph): readonly string[] {
  const sources = new Map(before.nodes.map(({ name, source }) => [name, source]));
  return now.nodes
    .filter(({ name, source }) => {
      const old = sources.get(name);
      return old !== undefined && source !== undefined && old !== source;
    })
    .map(({ name }) => name);
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
