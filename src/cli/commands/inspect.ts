import { formatMemory } from '../../base/byte-size.ts';
import { formatDurationMs } from '../../base/duration.ts';
import type { Json } from '../../base/json.ts';
import { type Client, openClient } from '../../client/client.ts';
import { Run } from '../../client/run.ts';
import { RunReading } from '../../client/run-reading.ts';
import type { Task } from '../../client/task.ts';
import { findTaskTarget, type TaskTarget } from '../../client/task-target.ts';
import { taskPath } from '../../model/ids.ts';
import type { AttemptView, TaskView } from '../../model/run-view.ts';
import { formatSummary } from '../../observe/console/summary.ts';
import { describeFailure, formatBytes } from '../../observe/describe-failure.ts';
import { RunProgress } from '../../observe/run-progress.ts';
import { attemptTable, usageBySteps } from '../attempt-table.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import { formatTable } from '../format-table.ts';
import { type Colors, type Host, programName } from '../host.ts';
import { plainJson } from '../plain-json.ts';
import { storeFolder } from '../store-folder.ts';

/** `flow inspect`: what is recorded of a run, of the tasks of a step, or of one task. */
export async function inspect({ words, options, host }: CommandInput): Promise<CommandResult> {
  const client = openClient(storeFolder(options.text('store'), host));
  const target = await findTaskTarget(words[0] ?? '', client);
  const reading = new RunReading(client, target.run);
  const run = new Run(reading.pathspec, reading);
  if (target.step === undefined) return inspectRun(run, { client, target, host });
  const position = target.position ?? (target.step.levels.length === 0 ? '0' : undefined);
  if (position !== undefined) return inspectTask(run.task(target.step.name, position));
  return inspectStep(run, target.step.name);
}

interface RunPlace {
  readonly client: Client;
  readonly target: TaskTarget;
  readonly host: Host;
}

async function inspectRun(run: Run, { client, target, host }: RunPlace): Promise<CommandResult> {
  const progress = new RunProgress();
  progress.readGraph(await run.graph);
  const view = await client.readRun(target.run, (event) => progress.readEvent(event));
  const [status, parameters, tags, finishedAt, origin, usage] = await Promise.all([
    run.status,
    run.parameters,
    run.tags,
    run.finishedAt,
    run.origin,
    run.usage,
  ]);
  const used = usageBySteps([...view.tasks.values()]);
  const { file, options, versions, code } = await run.started;
  const startedAt = (await run.startedAt).toISOString();
  const facts = {
    flow: run.flow,
    run: run.id,
    status,
    startedAt,
    finishedAt: finishedAt?.toISOString() ?? null,
    origin: origin?.id ?? null,
    tags,
    parameters: plainJson(parameters),
    file: file ?? null,
    code,
    options,
    versions,
    usage,
    failure: view.end?.status === 'failed' ? view.end.failure : null,
    steps: [...view.steps].map(([name, counts]) => ({
      name,
      ...counts,
      usage: used.get(name) ?? null,
    })),
  };
  return {
    kind: 'data',
    data: toJson(facts),
    text: (colors) =>
      [
        formatSummary(progress, { colors, cwd: host.cwd, program: programName(host.environment) }),
        '',
        formatTable([
          ['status', status],
          ['started', startedAt],
          ...(origin === undefined ? [] : [['origin', origin.id]]),
          ...(tags.length === 0 ? [] : [['tags', tags.join(', ')]]),
          ...(file === undefined ? [] : [['file', file]]),
          ...Object.entries(parameters).map(([name, value]) => [
            name,
            JSON.stringify(plainJson(value)),
          ]),
        ]),
      ].join('\n'),
  };
}

async function inspectStep(run: Run, name: string): Promise<CommandResult> {
  const tasks = await run.step(name).tasks();
  const views = await Promise.all(tasks.map((task) => task.view));
  return {
    kind: 'data',
    data: toJson({ step: name, tasks: views.map(taskFacts) }),
    text: (colors) =>
      views.length === 0 ? `no task of ${name} started` : attemptTable(views, colors),
  };
}

async function inspectTask(task: Task): Promise<CommandResult> {
  const [view, artifacts, parents, children] = await Promise.all([
    task.view,
    task.listArtifacts(),
    task.parents(),
    task.children(),
  ]);
  const own = new Set(Object.keys((view.result ?? view.attempts.at(-1))?.changes ?? {}));
  const facts = {
    ...taskFacts(view),
    parents: parents.map(taskPath),
    children: children.map(taskPath),
    artifacts: artifacts.map(({ name, hash, size, encoding }) => {
      return { name, hash, size, encoding, own: own.has(name) };
    }),
  };
  return {
    kind: 'data',
    data: toJson(facts),
    text: (colors) =>
      [
        `${colors.bold(taskPath(view))} ${view.status}`,
        ...view.attempts.map((attempt) => `  ${attemptText(attempt, colors)}`),
        ...relatives('after', parents),
        ...relatives('before', children),
        ...indentTable(
          artifacts.map(({ name, hash, size, encoding }) => [
            colors.cyan(name),
            encoding,
            formatBytes(size),
            hash.slice(0, 12),
            own.has(name) ? '' : 'inherited',
          ]),
        ),
      ].join('\n'),
  };
}

function taskFacts({ step, position, status, attempts }: TaskView) {
  return { task: taskPath({ step, position }), status, attempts: attempts.map(attemptFacts) };
}

function attemptFacts(attempt: AttemptView) {
  const { launchedAt, endedAt, pid, failure, usage } = attempt;
  return {
    attempt: attempt.attempt,
    launchedAt: new Date(launchedAt).toISOString(),
    endedAt: endedAt === undefined ? null : new Date(endedAt).toISOString(),
    pid: pid ?? null,
    usage: usage ?? null,
    failure: failure ?? null,
  };
}

function attemptText(attempt: AttemptView, colors: Colors): string {
  const { failure, usage } = attempt;
  const used = [
    tookText(attempt),
    ...(usage?.queuedMs === undefined ? [] : [`queued ${formatDurationMs(usage.queuedMs)}`]),
    ...(usage?.cpuMs === undefined ? [] : [`CPU ${formatDurationMs(usage.cpuMs)}`]),
    ...(usage?.peakRssBytes === undefined ? [] : [formatMemory(usage.peakRssBytes)]),
  ].join(', ');
  const how = failure === undefined ? '' : `: ${colors.red(describeFailure(failure))}`;
  return `attempt ${attempt.attempt} ${used}${how}`;
}

function tookText(attempt: AttemptView): string {
  if (attempt.endedAt === undefined) return 'running';
  return formatDurationMs(attempt.endedAt - attempt.launchedAt);
}

const SHOWN_RELATIVES = 8;

function relatives(word: string, tasks: readonly Task[]): readonly string[] {
  if (tasks.length === 0) return [];
  const shown = tasks.slice(0, SHOWN_RELATIVES).map(taskPath);
  const more = tasks.length - shown.length;
  return [`  ${word} ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`];
}

function indentTable(rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return ['  no artifacts'];
  return formatTable(rows)
    .split('\n')
    .map((line) => `  ${line}`);
}

function toJson(facts: object): Json {
  const plain: Json = JSON.parse(JSON.stringify(facts));
  return plain;
}
