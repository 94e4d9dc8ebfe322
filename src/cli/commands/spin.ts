import { inspect } from 'node:util';
import type { Json } from '../../base/json.ts';
import { didYouMean } from '../../base/suggest.ts';
import { type Client, openClient } from '../../client/client.ts';
import type { RunReference } from '../../client/run-reference.ts';
import { type ArtifactRef, type ArtifactTable, sameArtifact } from '../../model/artifact.ts';
import { originConfigs } from '../../model/config.ts';
import { FlowError } from '../../model/errors.ts';
import type { RunStarted } from '../../model/events.ts';
import type { FlowGraph, GraphNode } from '../../model/graph.ts';
import { ROOT_POSITION, type TaskId, taskPath } from '../../model/ids.ts';
import { describeTask } from '../../observe/console/summary.ts';
import { type Added, readAdded } from '../../runner/added/read-added.ts';
import { secretsFrom } from '../../runner/environment-parameters.ts';
import { addPolicies } from '../../runtime/added-policy.ts';
import { handleInterrupts } from '../../runtime/interrupt.ts';
import { type OpenedFlow, openFlow } from '../../runtime/open-flow.ts';
import { refuseParameters } from '../../runtime/refuse-parameters.ts';
import { resolveOriginParameters } from '../../runtime/resume/origin-parameters.ts';
import { readOriginUntil } from '../../runtime/resume/read-origin.ts';
import type { Scheduler } from '../../runtime/scheduler/scheduler.ts';
import { soundGraph } from '../../runtime/sound-graph.ts';
import { type SpinOutcome, spinTask } from '../../runtime/spin/spin-task.ts';
import { decodeArtifact } from '../../store/artifacts.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import { type Colors, type Host, programName } from '../host.ts';
import { printWarnings } from '../print-warnings.ts';
import { readSetValues, type SetValues } from '../read-set-values.ts';
import { RESERVED_OPTION_NAMES } from '../run-options.ts';
import { storeFolder } from '../store-folder.ts';
import { findTaskTarget, type TaskTarget } from '../task-target.ts';

/** What is known of the task before any code is loaded. */
interface SpinOrigin {
  readonly client: Client;
  readonly run: RunReference;
  readonly started: RunStarted;
  readonly graph: FlowGraph;
  readonly step: GraphNode;
  readonly task: TaskId;
  readonly scheduler: Scheduler;
}

/** `flow spin`: to change a step and see at once what it does, without the run around it. */
export async function spin(input: CommandInput): Promise<CommandResult> {
  const { options, host } = input;
  const origin = await findOrigin(input);
  const added = readAdded(origin.started.with ?? [], host.cwd);
  const opened = await openFlow({
    file: options.text('file') ?? origin.started.file,
    flow: origin.started.flow,
    cwd: host.cwd,
    store: origin.client.root,
    reservedOptions: RESERVED_OPTION_NAMES,
    configs: originConfigs(origin.started.configs ?? {}),
    with: added.decorators,
  });
  try {
    return await spinOpened(opened, { input, origin, added });
  } finally {
    await opened.close();
  }
}

async function findOrigin({ words, options, host }: CommandInput): Promise<SpinOrigin> {
  const client = openClient(storeFolder(options.text('store'), host));
  const { run, step, position } = await findTaskTarget(words[0] ?? '', client);
  if (step === undefined) {
    throw new FlowError('spin needs a step', {
      code: 'TARGET_INVALID',
      hint: 'write RUN/step, or RUN/step/task',
    });
  }
  const task = await chooseTask(client, { run, step, ...(position && { position }) });
  const graph = await client.graph(run);
  const scheduler = readOriginUntil(run.dir, graph, taskPath(task));
  if (scheduler === undefined) {
    throw new FlowError(`What ${taskPath(task)} started with is not on record.`, {
      code: 'INPUTS_GONE',
      hint: 'what ran before it has not ended well: name another task, or resume the run first',
    });
  }
  return { client, run, started: client.started(run), graph, step, task, scheduler };
}

/** The named one; else the first of the step that failed, else its first. */
async function chooseTask(
  client: Client,
  { run, step, position }: Required<Pick<TaskTarget, 'run' | 'step'>> & TaskTarget,
): Promise<TaskId> {
  const view = await client.readRun(run);
  const tasks = [...view.tasks.values()].filter((task) => task.step === step.name);
  if (position === undefined) {
    const chosen = tasks.find(({ status }) => status === 'failed') ?? tasks[0];
    if (chosen !== undefined) return chosen;
  }
  const id = { step: step.name, position: position ?? ROOT_POSITION };
  // It says which tasks there are.
  return client.task(run, id);
}

interface Spinning {
  readonly input: CommandInput;
  readonly origin: SpinOrigin;
  readonly added: Added;
}

async function spinOpened(
  opened: OpenedFlow,
  { input, origin, added }: Spinning,
): Promise<CommandResult> {
  const { options, host } = input;
  const { client, started, task } = origin;
  const graph = addPolicies(soundGraph(opened), added.policies);
  printWarnings(opened, host);
  const node = sameStep(graph, origin);
  const set = readSetValues(options.texts('set'), opened.definition);
  const resolved = await resolveParameters(opened, { origin, set, host });
  const spun = await spinTask(opened, {
    origin: started,
    graph: origin.graph,
    scheduler: origin.scheduler,
    task,
    node,
    parameters: resolved.values,
    configs: resolved.configs,
    set: set.fields,
    store: client.root,
    cwd: host.cwd,
    inspect: options.flag('inspect'),
    readers: [{ onEvent: () => {}, onLog: ({ text }) => host.stderr.write(`${text}\n`) }],
    interrupts: handleInterrupts,
  });
  const changes = await describeChanges(origin, spun);
  return {
    kind: 'data',
    data: spinData(origin, spun, changes),
    text: (colors) => formatSpin(origin, spun, { changes, colors, host }),
    exitCode: spun.exitCode,
  };
}

/** The step as it is today, if it can start with what it started with then. */
function sameStep({ nodes }: FlowGraph, { step, task }: SpinOrigin): GraphNode {
  const node = nodes.find(({ name }) => name === step.name);
  if (node === undefined) {
    const names = nodes.map(({ name }) => name);
    throw new FlowError(`The flow has no step "${step.name}" any more.`, {
      code: 'STEP_UNKNOWN',
      hint: didYouMean(step.name, names) ?? `its steps are ${names.join(', ')}`,
    });
  }
  if (node.takes === step.takes && node.levels.length === step.levels.length) return node;
  throw new FlowError(`The step "${step.name}" takes something else than in the run.`, {
    code: 'STEP_CHANGED',
    hint: `the inputs of ${taskPath(task)} do not fit it any more: run the flow again`,
  });
}

interface Resolving {
  readonly origin: SpinOrigin;
  readonly set: SetValues;
  readonly host: Host;
}

async function resolveParameters(opened: OpenedFlow, { origin, set, host }: Resolving) {
  const secrets = secretsFrom(opened.definition.parameters, host.environment);
  const anew = { ...secrets, ...set.parameters };
  const outcome = await resolveOriginParameters(opened, origin.started, anew);
  return outcome.kind === 'resolved' ? outcome : refuseParameters(outcome.problems);
}

/** Against what the same task left in the run. `unknown`: it did not end well there. */
type Comparison = 'same' | 'changed' | 'new' | 'unknown';

interface Change {
  readonly name: string;
  readonly compared: Comparison;
  /** One line; undefined for what is long, or no value. */
  readonly text: string | undefined;
}

const GLANCE_BYTES = 10_000;
const GLANCE_CHARACTERS = 100;

async function describeChanges(
  { client, run, task }: SpinOrigin,
  { outcome }: SpinOutcome,
): Promise<readonly Change[]> {
  if (outcome.kind === 'failed') return [];
  const isRecorded = (await client.task(run, task)).result !== undefined;
  const before = isRecorded ? await client.artifactsOf(run, task) : undefined;
  const changes: Change[] = [];
  for (const [name, ref] of Object.entries(outcome.result.changes)) {
    if (ref === null) continue;
    const text = await glance(ref, client);
    changes.push({ name, compared: compare(before, name, ref), text });
  }
  return changes;
}

function compare(before: ArtifactTable | undefined, name: string, ref: ArtifactRef): Comparison {
  if (before === undefined) return 'unknown';
  const old = Object.hasOwn(before, name) ? before[name] : undefined;
  if (old === undefined) return 'new';
  return sameArtifact(old, ref) ? 'same' : 'changed';
}

async function glance(ref: ArtifactRef, { blobs }: Client): Promise<string | undefined> {
  if (ref.size > GLANCE_BYTES || ref.encoding === 'file' || ref.encoding === 'directory') {
    return undefined;
  }
  try {
    const text = inspect(await decodeArtifact(ref, blobs), { breakLength: Infinity, depth: 3 });
    return text.length > GLANCE_CHARACTERS ? undefined : text;
  } catch {
    // Only the flow knows the codec.
    return undefined;
  }
}

function spinData(
  { run, task }: SpinOrigin,
  { spin: id, outcome }: SpinOutcome,
  changes: readonly Change[],
): Json {
  const data = {
    spin: id,
    origin: run.run,
    task: taskPath(task),
    status: outcome.kind,
    wallMs: outcome.usage.wallMs,
    ...(outcome.kind === 'failed'
      ? { failure: outcome.failed.failure }
      : {
          transition: withoutPages(outcome.result.transition),
          artifacts: Object.fromEntries(changes.map(({ name, compared }) => [name, compared])),
        }),
  };
  const plain: Json = JSON.parse(JSON.stringify(data));
  return plain;
}

function withoutPages(transition: { readonly kind: string }): object {
  return { ...transition, pages: undefined };
}

interface SpinView {
  readonly changes: readonly Change[];
  readonly colors: Colors;
  readonly host: Host;
}

const MARKS = { same: '=', changed: '≠', new: '+', unknown: ' ' } as const;

function formatSpin(
  { task, run }: SpinOrigin,
  { spin: id, outcome }: SpinOutcome,
  { changes, colors, host }: SpinView,
): string {
  const program = programName(host.environment);
  const path = taskPath(task);
  const see = `see all that it left: ${program} dump ${id}/${path}`;
  if (outcome.kind === 'failed') {
    const { failure } = outcome.failed;
    const failed = { path, attempt: 1, failure, tail: [] };
    return [...describeTask(failed, id, { colors, cwd: host.cwd, program }), `  ${see}`].join('\n');
  }
  const rows = changes.map(
    ({ name, compared, text }) =>
      `  ${MARKS[compared]} ${colors.cyan(name)}${text === undefined ? '' : ` = ${text}`}`,
  );
  return [
    `${colors.green('✓')} ${path} of run ${run.run} succeeded again in ${outcome.usage.wallMs} ms`,
    ...rows,
    ...(changes.some(({ compared }) => compared !== 'unknown')
      ? [colors.dim('  (= as in the run, ≠ not as in the run, + new)')]
      : []),
    see,
  ].join('\n');
}
