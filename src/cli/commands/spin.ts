import { inspect } from 'node:util';
import type { Json } from '../../base/json.ts';
import { type Client, openClient } from '../../client/client.ts';
import { type ArtifactRef, type ArtifactTable, sameArtifact } from '../../model/artifact.ts';
import { FlowError } from '../../model/errors.ts';
import { taskPath } from '../../model/ids.ts';
import { describeTask } from '../../observe/console/summary.ts';
import { findSpinOrigin, type SpinOrigin } from '../../runner/spin/find-spin-origin.ts';
import { type OpenedForSpin, openForSpin } from '../../runner/spin/open-for-spin.ts';
import { spinRequest } from '../../runner/spin/spin-request.ts';
import { handleInterrupts } from '../../runtime/interrupt.ts';
import { type SpinOutcome, spinTask } from '../../runtime/spin/spin-task.ts';
import { decodeArtifact } from '../../store/artifacts.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import { type Colors, type Host, programName } from '../host.ts';
import { printWarnings } from '../print-warnings.ts';
import { readSetValues } from '../read-set-values.ts';
import { RESERVED_OPTION_NAMES } from '../run-options.ts';
import { storeFolder } from '../store-folder.ts';

/** `flow spin`: to change a step and see at once what it does, without the run around it. */
export async function spin(input: CommandInput): Promise<CommandResult> {
  const { words, options, host } = input;
  const client = openClient(storeFolder(options.text('store'), host));
  const origin = await findSpinOrigin(words[0] ?? '', client);
  const spinning = await openForSpin(origin, {
    file: options.text('file') ?? fileOf(origin),
    cwd: host.cwd,
    store: client.root,
    reservedOptions: RESERVED_OPTION_NAMES,
  });
  try {
    return await spinOpened(spinning, input);
  } finally {
    await spinning.opened.close();
  }
}

function fileOf({ run, started: { flow, file } }: SpinOrigin): string {
  if (file !== undefined) return file;
  throw new FlowError(
    `The run ${run.run} was made from a class, and did not say which file it is in.`,
    {
      code: 'FLOW_SOURCE_UNKNOWN',
      hint: `name the file that exports ${flow} with --file`,
    },
  );
}

async function spinOpened(
  spinning: OpenedForSpin,
  { options, host }: CommandInput,
): Promise<CommandResult> {
  const { opened, origin } = spinning;
  printWarnings(opened, host);
  const set = readSetValues(options.texts('set'));
  const spun = await spinTask(opened, {
    ...(await spinRequest(spinning, { set, environment: host.environment })),
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
