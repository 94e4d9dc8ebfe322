import type { Json } from '../base/json.ts';
import { stableJson } from '../base/stable-json.ts';
import type { ArtifactChanges, ArtifactRef } from '../model/artifact.ts';
import { sameArtifact } from '../model/artifact.ts';
import type { FlowGraph } from '../model/graph.ts';
import type { RunView, TaskView } from '../model/run-view.ts';
import type { RunReading } from './run-reading.ts';
import type { RunStatus } from './run-summary.ts';

/** Undefined on one side: it is not there. */
export interface Change<T> {
  readonly name: string;
  readonly before: T | undefined;
  readonly after: T | undefined;
}

/** How a second run differs from a first one. Times always differ, so they are told, not counted. */
export interface RunComparison {
  readonly status: Change<RunStatus> | undefined;
  readonly parameters: readonly Change<ArtifactRef>[];
  readonly isCodeSame: boolean;
  /** Steps that are new, gone, or declared otherwise. */
  readonly steps: readonly Change<Json>[];
  /** Tasks that ended well in one of them only. */
  readonly tasks: readonly Change<TaskView['status']>[];
  /** Artifacts that a task left otherwise, as `step/task/name`, in the order in which they were made. */
  readonly artifacts: readonly Change<ArtifactRef>[];
  readonly durationsMs: readonly Change<number>[];
}

export async function compareRuns(a: RunReading, b: RunReading): Promise<RunComparison> {
  const [before, after] = await Promise.all([factsOf(a), factsOf(b)]);
  return {
    status: changeOf('status', before.status, after.status),
    parameters: changes(before.parameters, after.parameters, sameArtifact),
    isCodeSame: before.code === after.code,
    steps: changes(before.steps, after.steps, sameJson),
    tasks: changes(statuses(before.view), statuses(after.view), (x, y) => x === y),
    artifacts: artifactChanges(before.view, after.view),
    durationsMs: changes(durations(before.view), durations(after.view), () => false),
  };
}

/** True if nothing but times differs. */
export function isSameRun(comparison: RunComparison): boolean {
  const { status, parameters, isCodeSame, steps, tasks, artifacts } = comparison;
  const lists = [parameters, steps, tasks, artifacts];
  return status === undefined && isCodeSame && lists.every((list) => list.length === 0);
}

async function factsOf(reading: RunReading) {
  const [{ status }, started, graph, view] = await Promise.all([
    reading.summary(),
    reading.started(),
    reading.graph(),
    reading.view(),
  ]);
  const { code } = started;
  const parameters = new Map(Object.entries(started.parameters));
  return { status, code, parameters, steps: stepsOf(graph), view };
}

/** Each step as it is declared, with the edges that leave it; where it stands in the file is left out. */
function stepsOf({ nodes, edges }: FlowGraph): ReadonlyMap<string, Json> {
  return new Map(
    nodes.map((node) => {
      const leaving = edges.filter(({ from }) => from === node.name);
      const declared = { ...node, span: undefined, edges: leaving };
      const plain: Json = JSON.parse(JSON.stringify(declared));
      return [node.name, plain];
    }),
  );
}

function statuses({ tasks }: RunView): ReadonlyMap<string, TaskView['status']> {
  const ended = [...tasks].flatMap(([path, { status }]) => {
    const shown = status === 'cloned' ? 'succeeded' : status;
    return [[path, shown] as const];
  });
  return new Map(ended);
}

function artifactChanges(before: RunView, after: RunView): Change<ArtifactRef>[] {
  const found: Change<ArtifactRef>[] = [];
  for (const [path, task] of after.tasks) {
    const other = before.tasks.get(path)?.result?.changes;
    const own = task.result?.changes;
    if (other === undefined || own === undefined) continue;
    for (const change of changes(refsOf(other), refsOf(own), sameArtifact)) {
      found.push({ ...change, name: `${path}/${change.name}` });
    }
  }
  return found;
}

function refsOf(table: ArtifactChanges): ReadonlyMap<string, ArtifactRef> {
  return new Map(
    Object.entries(table).flatMap(([name, ref]) => (ref === null ? [] : [[name, ref] as const])),
  );
}

/** From the first launch of a step to the last end; what was taken over took no time. */
function durations({ tasks }: RunView): ReadonlyMap<string, number> {
  const spans = new Map<string, { from: number; to: number }>();
  for (const { step, attempts } of tasks.values()) {
    for (const { launchedAt, endedAt = launchedAt } of attempts) {
      const span = spans.get(step) ?? { from: launchedAt, to: endedAt };
      spans.set(step, {
        from: Math.min(span.from, launchedAt),
        to: Math.max(span.to, endedAt),
      });
    }
  }
  return new Map([...spans].map(([step, { from, to }]) => [step, to - from]));
}

function changes<T>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
  isSame: (a: T, b: T) => boolean,
): Change<T>[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].flatMap((name) => {
    const [a, b] = [before.get(name), after.get(name)];
    if (a !== undefined && b !== undefined && isSame(a, b)) return [];
    return [{ name, before: a, after: b }];
  });
}

function changeOf<T>(name: string, before: T, after: T): Change<T> | undefined {
  return before === after ? undefined : { name, before, after };
}

function sameJson(a: Json, b: Json): boolean {
  return stableJson(a) === stableJson(b);
}
