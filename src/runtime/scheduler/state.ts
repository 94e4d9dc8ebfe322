import type { ArtifactChanges } from '../../model/artifact.ts';
import type { FailedTask } from '../../model/events.ts';
import {
  type Hash,
  innerPosition,
  type Level,
  type Position,
  ROOT_POSITION,
} from '../../model/ids.ts';
import type { JoinedScope } from '../../model/lineage.ts';
import type { ItemPage } from '../../model/task.ts';
import type { Demand } from './demand.ts';
import type { Gate, Token } from './gate.ts';
import type { PlanEdge, PlanStep, Region } from './plan.ts';
import type { TaskRecord } from './task-record.ts';

/**
 * What moves during a run. An area is one instance of a region: the root, one item of a foreach, one
 * round of a loop. Areas point to their parent only, so a finished item is garbage as soon as the
 * join's inputs are all that is left of it.
 */
export interface Area {
  readonly region: Region;
  readonly position: Position;
  readonly parent?: Area;
  /** Set for the areas of a foreach's items. */
  readonly item?: { readonly frame: OpenForeach; readonly index: number };
  /** Set for the areas of a loop's rounds. */
  readonly loop?: LoopRun;
  /** By the gate numbers of the plan; made by the first token. */
  readonly gates: (Gate | undefined)[];
  /** Steps and loops of this area that are not resolved yet. */
  unresolved: number;
  /** Loops that began here; the last one of each, for forks inside them. */
  loops?: Map<Region, LoopRun>;
  /** Records that a later join measures its inputs against. */
  forks?: Map<PlanStep, TaskRecord>;
}

/** A loop from its entry to its end. */
export interface LoopRun {
  readonly region: Region;
  readonly head: PlanStep;
  readonly around: Area;
  round: number;
  area: Area;
  /** What the back edges of this round carry. */
  back: Gate;
  /** Tokens that leave, until no further round begins. Edges that are absent are dead. */
  readonly held: Map<PlanEdge, Token>;
}

/** A foreach whose items are made one by one, as slots get free. */
export interface OpenForeach {
  readonly splitter: PlanStep;
  readonly area: Area;
  record: TaskRecord;
  /** So far, if there is a stream. */
  size: number;
  pages: readonly ItemPage[];
  /** The first item that no task was made for. */
  next: number;
  /** While an async iterable yields the items: their number is not known yet. */
  stream?: ItemStream;
}

/** What is known of items that still come. */
export interface ItemStream {
  /** The task that yields them. */
  readonly task: Task;
  /** What the splitting step had set when it opened the foreach. */
  changes: ArtifactChanges;
  readonly pages: ItemPage[];
  /** Over all items so far; undefined before the first. */
  digest: Hash | undefined;
  /** Items that were asked for and have not come. */
  asked: number;
  /** Items that have come and of which nothing was launched. */
  waiting: number;
}

/** A task between the moment it is ready and its end. */
export interface Task {
  readonly step: PlanStep;
  readonly area: Area;
  readonly inputs: readonly TaskRecord[];
  /** `yielding`: it holds no slot while it yields the items of the foreach that it opened. */
  phase: 'ready' | 'commanded' | 'running' | 'yielding' | 'waiting';
  attempt: number;
  /** What was admitted for it, until it is released. */
  holds: Demand | undefined;
  /** How often this attempt was placed again after a failure that is not its own. */
  placements: number;
  /** The foreach over an async iterable that it opened. */
  opened?: OpenForeach;
  /** The first task of an item of a stream, before its launch. */
  begins?: ItemStream;
  /** Computed once, by the first who asks. */
  joined?: JoinedScope;
  /** Of a gang's task: all of them in index order, this one among them. The first stands for it. */
  gang?: Unit;
}

/** Tasks that start, end, fail and are tried again as one: those of a gang, or a task alone. */
export type Unit = readonly [Task, ...Task[]];

export function unitOf(task: Task): Unit {
  return task.gang ?? [task];
}

export function rootArea(region: Region): Area {
  return { region, position: ROOT_POSITION, gates: [], unresolved: region.units };
}

export function itemArea(region: Region, item: NonNullable<Area['item']>): Area {
  const { area: parent } = item.frame;
  const position = positionInside(parent, { kind: 'item', index: item.index });
  return { region, position, gates: [], unresolved: region.units, parent, item };
}

/** Of the round that the loop is at. */
export function roundArea(loop: LoopRun): Area {
  const { region, around: parent, round } = loop;
  const position = positionInside(parent, { kind: 'round', round });
  return { region, position, gates: [], unresolved: region.units, parent, loop };
}

function positionInside({ region, position }: Area, level: Level): Position {
  return innerPosition(region.parent === undefined ? undefined : position, level);
}

export function isInFlight(task: Task): boolean {
  return task.phase === 'commanded' || task.phase === 'running' || task.phase === 'yielding';
}

export function idOf({ step, area, attempt }: Task): FailedTask & { readonly position: Position } {
  return { step: step.name, position: area.position, attempt };
}

/** How many tasks of an entry start at once. */
export function sizeOf(entry: Task | OpenForeach): number {
  return 'splitter' in entry ? 1 : unitOf(entry).length;
}

/** An entry's step; a foreach stands where its items begin. */
export function stepOf(entry: Task | OpenForeach): PlanStep {
  return 'splitter' in entry ? (entry.splitter.body?.target ?? entry.splitter) : entry.step;
}
