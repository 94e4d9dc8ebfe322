import { formatDurationMs } from '../../base/duration.ts';
import type { Json } from '../../base/json.ts';
import { type Client, openClient } from '../../client/client.ts';
import {
  type Change,
  compareRuns,
  isSameRun,
  type RunComparison,
} from '../../client/compare-runs.ts';
import { RunReading } from '../../client/run-reading.ts';
import type { ArtifactRef } from '../../model/artifact.ts';
import { EXIT, isFlowError } from '../../model/errors.ts';
import { formatBytes } from '../../observe/describe-failure.ts';
import { decodeArtifact } from '../../store/artifacts.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import { formatTable } from '../format-table.ts';
import type { Colors } from '../host.ts';
import { plainJson } from '../plain-json.ts';
import { storeFolder } from '../store-folder.ts';

/** Values up to this size are shown; of larger ones the hashes are. */
const SHOWN_BYTES = 200;

/** `flow diff`: in what a run differs from an earlier one. Exit code 1 if it does. */
export async function diff({ words, options, host }: CommandInput): Promise<CommandResult> {
  const client = openClient(storeFolder(options.text('store'), host));
  const [a, b] = [
    new RunReading(client, await client.findRun(words[0] ?? '')),
    new RunReading(client, await client.findRun(words[1] ?? '')),
  ];
  const comparison = await compareRuns(a, b);
  const isSame = isSameRun(comparison);
  const shown = {
    parameters: await showAll(comparison.parameters, client),
    artifacts: await showAll(comparison.artifacts, client),
  };
  const data: Json = JSON.parse(
    JSON.stringify({ before: a.pathspec, after: b.pathspec, isSame, ...comparison, ...shown }),
  );
  return {
    kind: 'data',
    data,
    text: (colors) => formatComparison(comparison, { ...shown, isSame, colors }),
    ...(isSame ? {} : { exitCode: EXIT.failed }),
  };
}

interface ShownChange {
  readonly name: string;
  readonly before: Json;
  readonly after: Json;
}

async function showAll(
  changes: readonly Change<ArtifactRef>[],
  client: Client,
): Promise<ShownChange[]> {
  const shown: ShownChange[] = [];
  for (const { name, before, after } of changes) {
    shown.push({ name, before: await show(before, client), after: await show(after, client) });
  }
  return shown;
}

async function show(ref: ArtifactRef | undefined, client: Client): Promise<Json> {
  if (ref === undefined) return null;
  const { hash, encoding, size } = ref;
  if (size > SHOWN_BYTES) return { type: encoding, hash, size };
  try {
    return plainJson(await decodeArtifact(ref, client.blobs));
  } catch (error) {
    if (isFlowError(error)) return { type: encoding, hash, size };
    throw error;
  }
}

interface ComparisonView {
  readonly parameters: readonly ShownChange[];
  readonly artifacts: readonly ShownChange[];
  readonly isSame: boolean;
  readonly colors: Colors;
}

function formatComparison(comparison: RunComparison, view: ComparisonView): string {
  const { status, isCodeSame, steps, tasks, durationsMs } = comparison;
  const { parameters, artifacts, isSame, colors } = view;
  const sections = [
    section('status', status === undefined ? [] : [arrow(status, String)], colors),
    section('parameters', parameters.map(shownArrow), colors),
    section('code', isCodeSame ? [] : [['changed']], colors),
    section('steps', steps.map(presence), colors),
    section(
      'tasks',
      tasks.map((task) => arrow(task, String)),
      colors,
    ),
    section('artifacts', artifacts.map(shownArrow), colors),
    section(
      'times',
      durationsMs.map((step) => arrow(step, formatDurationMs)),
      colors,
    ),
  ].flat();
  return [...(isSame ? ['the runs differ in nothing but time'] : []), ...sections].join('\n');
}

function section(
  title: string,
  rows: readonly (readonly string[])[],
  colors: Colors,
): readonly string[] {
  if (rows.length === 0) return [];
  const lines = formatTable(rows).split('\n');
  return [colors.bold(title), ...lines.map((line) => `  ${line}`)];
}

function arrow<T>({ name, before, after }: Change<T>, format: (value: T) => string) {
  const text = (value: T | undefined): string => (value === undefined ? '–' : format(value));
  return [name, text(before), '→', text(after)];
}

function shownArrow({ name, before, after }: ShownChange): readonly string[] {
  return [name, shownText(before), '→', shownText(after)];
}

function shownText(value: Json): string {
  if (value === null) return '–';
  if (!isDescribed(value)) return JSON.stringify(value);
  return `${value.hash.slice(0, 12)} (${formatBytes(value.size)})`;
}

function isDescribed(value: Json): value is { readonly hash: string; readonly size: number } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return (
    'hash' in value &&
    typeof value['hash'] === 'string' &&
    'size' in value &&
    typeof value['size'] === 'number'
  );
}

function presence({ name, before, after }: Change<Json>): readonly string[] {
  if (before === undefined) return [name, 'is new'];
  return [name, after === undefined ? 'is gone' : 'is declared otherwise'];
}
