import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { inspect } from 'node:util';
import type { Json } from '../../base/json.ts';
import { didYouMean } from '../../base/suggest.ts';
import { type Client, openClient } from '../../client/client.ts';
import { findArtifactTarget, type TaskTarget } from '../../client/task-target.ts';
import type { ArtifactRef, ArtifactTable } from '../../model/artifact.ts';
import { EXIT, FlowError, isFlowError } from '../../model/errors.ts';
import { ROOT_POSITION, type TaskId, taskPath } from '../../model/ids.ts';
import { formatBytes } from '../../observe/describe-failure.ts';
import { decodeArtifact } from '../../store/artifacts.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { GivenOptions } from '../given-options.ts';
import type { Colors, Host } from '../host.ts';
import { plainJson } from '../plain-json.ts';
import { storeFolder } from '../store-folder.ts';

/** A value, or why it is only described. */
type Shown =
  | { readonly kind: 'value'; readonly value: unknown }
  /** `coded`: only the flow that made it knows how to decode it. */
  | { readonly kind: 'large' | 'file' | 'coded'; readonly ref: ArtifactRef };

interface DumpedTask {
  readonly task: string;
  readonly artifacts: readonly (readonly [name: string, shown: Shown])[];
}

/** Larger values are not even read, unless somebody asks for them. */
const DEFAULT_MAX_BYTES = 1_000_000;
/** What a person sees of a long value who did not ask for a size. */
const GLANCE = { maxArrayLength: 100, maxStringLength: 1_000 };
const WHOLE = { maxArrayLength: null, maxStringLength: null };

/** `flow dump`: the artifacts of one task, or of every task of a step. */
export async function dump({ words, options, host }: CommandInput): Promise<CommandResult> {
  const client = openClient(storeFolder(options.text('store'), host));
  const { artifact, ...target } = await findArtifactTarget(words[0] ?? '', client);
  const ids = await tasksOf(target, client);
  const file = options.text('file');
  const wanted = wantedArtifacts(options, file, artifact);
  const tasks: DumpedTask[] = [];
  for (const id of ids) {
    const table = await client.artifactsOf(target.run, id);
    tasks.push({ task: taskPath(id), artifacts: await showArtifacts(table, wanted, client) });
  }
  const limits = options.flag('max-value-size') ? WHOLE : GLANCE;
  const all = tasks.map(taskData);
  const data = ids.length === 1 ? (all[0] ?? null) : { tasks: all };
  if (file !== undefined) writeValues(file, data, host);
  return {
    kind: 'data',
    data,
    text: (colors) =>
      file === undefined
        ? tasks.map((task) => formatTask(task, { colors, limits })).join('\n\n')
        : `${colors.green('✓')} written to ${file}`,
  };
}

async function tasksOf({ run, step, position }: TaskTarget, client: Client): Promise<TaskId[]> {
  if (step === undefined) {
    throw new FlowError('dump needs a step', {
      code: 'TARGET_INVALID',
      hint: 'write RUN/step, or RUN/step/task',
    });
  }
  if (position !== undefined) return [{ step: step.name, position }];
  if (step.levels.length === 0) return [{ step: step.name, position: ROOT_POSITION }];
  const { tasks } = await client.readRun(run);
  const found = [...tasks.values()].filter((task) => task.step === step.name);
  if (found.length > 0) return found;
  throw new FlowError(`no task of ${step.name} started in run ${run.run}`, {
    code: 'TASK_NOT_FOUND',
    hint: 'a foreach without items starts none, and so does a branch that was not taken',
  });
}

interface Wanted {
  /** Undefined: all. */
  readonly names: readonly string[] | undefined;
  readonly maxBytes: number;
}

/** People get values of a readable size unless they ask; programs get all of them. */
function wantedArtifacts(
  options: GivenOptions,
  file: string | undefined,
  artifact: string | undefined,
): Wanted {
  const included = options.texts('include').flatMap((text) => text.split(','));
  const names = artifact === undefined ? included : [artifact, ...included];
  const isForProgram = options.flag('json') || file !== undefined;
  const defaultBytes = isForProgram ? Number.POSITIVE_INFINITY : DEFAULT_MAX_BYTES;
  return {
    names: names.length === 0 ? undefined : names,
    maxBytes: options.count('max-value-size') ?? defaultBytes,
  };
}

async function showArtifacts(
  table: ArtifactTable,
  { names, maxBytes }: Wanted,
  client: Client,
): Promise<DumpedTask['artifacts']> {
  for (const name of names ?? []) {
    if (Object.hasOwn(table, name)) continue;
    throw new FlowError(`the task has no artifact "${name}"`, {
      code: 'ARTIFACT_UNKNOWN',
      hint: didYouMean(name, Object.keys(table)) ?? `it has ${Object.keys(table).join(', ')}`,
    });
  }
  const shown: (readonly [string, Shown])[] = [];
  for (const [name, ref] of Object.entries(table)) {
    if (names?.includes(name) === false) continue;
    shown.push([name, await showArtifact(ref, maxBytes, client)]);
  }
  return shown;
}

async function showArtifact(ref: ArtifactRef, maxBytes: number, client: Client): Promise<Shown> {
  if (ref.encoding === 'file' || ref.encoding === 'directory') return { kind: 'file', ref };
  if (ref.size > maxBytes) return { kind: 'large', ref };
  try {
    return { kind: 'value', value: await decodeArtifact(ref, client.blobs) };
  } catch (error) {
    if (isFlowError(error) && error.code === 'CODEC_MISSING') return { kind: 'coded', ref };
    throw error;
  }
}

function taskData({ task, artifacts }: DumpedTask): Json {
  const values: { [name: string]: Json } = Object.create(null);
  for (const [name, shown] of artifacts) {
    values[name] = shown.kind === 'value' ? plainJson(shown.value) : refData(shown.ref);
  }
  return { task, artifacts: values };
}

function refData({ encoding, hash, meta, size }: ArtifactRef): Json {
  return { type: encoding, hash, size, ...(meta === undefined ? {} : { meta }) };
}

interface DumpView {
  readonly colors: Colors;
  readonly limits: typeof GLANCE | typeof WHOLE;
}

function formatTask({ task, artifacts }: DumpedTask, { colors, limits }: DumpView): string {
  const lines = artifacts.map(
    ([name, shown]) => `  ${colors.cyan(name)} = ${formatShown(shown, limits)}`,
  );
  return [colors.bold(task), ...(lines.length === 0 ? ['  no artifacts'] : lines)].join('\n');
}

function formatShown(shown: Shown, limits: DumpView['limits']): string {
  switch (shown.kind) {
    case 'value':
      return inspect(shown.value, { depth: 6, ...limits }).replaceAll('\n', '\n  ');
    case 'large':
      return `${shown.ref.encoding} of ${formatBytes(shown.ref.size)}: see it with --max-value-size ${shown.ref.size}`;
    case 'coded':
      return `${formatBytes(shown.ref.size)} in a codec that the flow registers`;
    case 'file':
      return `${shown.ref.encoding} of ${formatBytes(shown.ref.size)}`;
  }
}

function writeValues(file: string, data: Json, host: Host): void {
  try {
    writeFileSync(resolve(host.cwd, file), `${JSON.stringify(data)}\n`);
  } catch (error) {
    throw new FlowError(`the values cannot be written to ${file}`, {
      code: 'FILE_NOT_WRITABLE',
      hint: 'name a file in a folder that exists and is writable',
      exitCode: EXIT.failed,
      cause: error,
    });
  }
}
