import type { ArtifactChanges } from '../../model/artifact.ts';
import { InternalError } from '../../model/errors.ts';
import { extendScope } from '../../model/lineage.ts';
import type { ItemPage, TakenTransition } from '../../model/task.ts';
import {
  addAnswer,
  addToken,
  answerOf,
  DEAD,
  endItems,
  fires,
  type Gate,
  inputsOf,
  makeGate,
  type Token,
  unfired,
  widenPort,
} from './gate.ts';
import { isHead, type PlanEdge, type PlanStep } from './plan.ts';
import {
  type Area,
  type ItemStream,
  itemArea,
  type LoopRun,
  type OpenForeach,
  roundArea,
  type Task,
  type Unit,
} from './state.ts';
import type { TaskRecord } from './task-record.ts';
import { startScope } from './task-scope.ts';

/** Who is told what became ready: a task, or all items of a foreach. */
export type ReadyListener = (entry: Task | OpenForeach) => void;

/** A step that does not fire, and what it hands on instead. */
interface Skipped {
  readonly step: PlanStep;
  readonly area: Area;
  readonly token: Token;
}

/**
 * The token rule (DESIGN §6): what the end of a task sends along its edges, where that comes to rest,
 * and what fires then. Every token costs O(1): it walks up the areas that its edge leaves and
 * touches one gate.
 */
export class TokenFlow {
  readonly #ready: ReadyListener;
  /** A list rather than recursion: thousands of steps in a row may be skipped by one event. */
  readonly #skipped: Skipped[] = [];

  constructor(ready: ReadyListener) {
    this.#ready = ready;
  }

  /** A step without in-edges: its gate is complete from the start. */
  begin(root: Area, start: PlanStep): void {
    const gate = makeGate(0);
    gate.live = 1;
    this.#complete(start, root, gate);
    this.#passSkipped();
  }

  /** A task ended well: its record goes along the edges that it took. */
  succeed(task: Task, record: TaskRecord, transition: TakenTransition): void {
    const { step, area, opened } = task;
    keepFork(task, record);
    if (opened !== undefined) {
      opened.pages = transition.kind === 'foreach' ? transition.pages : opened.pages;
      this.#endItems(opened, 'whole');
    } else if (transition.kind === 'gang') {
      this.#startGang(this.#openForeach(task, record), transition);
    } else if (transition.kind === 'foreach') {
      const { size, pages } = transition;
      const frame = this.#openForeach(task, record);
      this.#addItems(frame, size);
      frame.pages = pages;
      this.#endItems(frame, 'whole');
    } else {
      const taken = takenSteps(transition);
      for (const edge of step.outs) {
        const live = taken.includes(edge.to.name);
        this.#send(edge, area, live ? { status: 'live', record } : DEAD);
      }
    }
    this.#resolve(area);
    this.#passSkipped();
  }

  /** A task failed for good: nothing behind it has what it needs. */
  fail(task: Task, status: 'failed' | 'cancelled'): void {
    if (task.opened === undefined) this.#sendAll(task.step, task.area, { status });
    else this.#endItems(task.opened, status);
    this.#resolve(task.area);
    this.#passSkipped();
  }

  /**
   * A task has ended its step with a foreach over an async iterable. Its joins wait for all items that
   * will come, and for the end. A retry takes up the foreach that an earlier attempt opened.
   */
  open(task: Task, changes: ArtifactChanges): ItemStream {
    const { step, area } = task;
    if (task.opened === undefined || task.opened.size === 0) {
      const scope = extendScope(startScope(task), changes);
      const record = { step: step.name, position: area.position, scope };
      task.opened ??= this.#openForeach(task, record);
      task.opened.record = record;
      keepFork(task, record);
    }
    const pages: ItemPage[] = [];
    const fresh = { task, changes, pages, digest: undefined, asked: 0, waiting: 0 };
    const stream = (task.opened.stream ??= fresh);
    stream.changes = changes;
    stream.asked = 0;
    task.opened.pages = stream.pages;
    return stream;
  }

  /** More items of an open foreach. */
  addItems(frame: OpenForeach, page: ItemPage): void {
    frame.stream?.pages.push(page);
    this.#addItems(frame, page.count);
  }

  /** The first task of an item; made when its turn comes. */
  enterItem(frame: OpenForeach): Task {
    const body = bodyOf(frame.splitter);
    const index = frame.next++;
    const area = itemArea(body.region, { frame, index });
    const task = this.#enter(body.target, area, [frame.record]);
    if (frame.stream !== undefined) task.begins = frame.stream;
    return task;
  }

  /** What an edge carries walks up from where it was sent until it arrives, is held, or answers. */
  #send(edge: PlanEdge, from: Area, token: Token): void {
    let area = from;
    while (area.region !== edge.arrival) {
      if (area.loop !== undefined) return hold(area.loop, edge, token);
      if (area.item !== undefined && edge.answer !== undefined) {
        return this.#answer(edge.answer, area, token);
      }
      if (area.parent === undefined) throw new InternalError(`${edge.to.name} lies nowhere above`);
      area = area.parent;
    }
    if (edge.back) {
      if (area.loop === undefined) throw new InternalError(`${edge.to.name} heads no loop`);
      return addToken(area.loop.back, edge.port, token);
    }
    this.#add(edge.to, area, { port: edge.port, token });
  }

  #add(step: PlanStep, area: Area, { port, token }: { port: number; token: Token }): void {
    const gate = gateAt(step, area);
    addToken(gate, port, token);
    if (gate.missing === 0) this.#complete(step, area, gate);
  }

  /** An item collects what its paths say to a join, and answers once for all of them. */
  #answer({ of: answer, port }: NonNullable<PlanEdge['answer']>, item: Area, token: Token): void {
    const own = (item.gates[answer.gate] ??= makeGate(answer.edges));
    addToken(own, port, token);
    if (own.missing > 0 || item.item === undefined || item.parent === undefined) return;
    const gate = gateAt(answer.join, item.parent);
    addAnswer(gate, { port: answer.port, index: item.item.index }, answerOf(own));
    if (gate.missing === 0) this.#complete(answer.join, item.parent, gate);
  }

  #complete(step: PlanStep, area: Area, gate: Gate): void {
    area.gates[step.gate] = undefined;
    if (fires(step.node.fires, gate)) {
      this.#ready(this.#enter(step, area, inputsOf(gate)));
    } else {
      this.#skipped.push({ step, area, token: unfired(gate) });
    }
  }

  #passSkipped(): void {
    for (const { step, area, token } of this.#skipped) {
      if (isHead(step)) for (const edge of step.region.leaving) this.#send(edge, area, token);
      else this.#sendAll(step, area, token);
      this.#resolve(area);
    }
    this.#skipped.length = 0;
  }

  /** A step that stands for a loop begins its first round. */
  #enter(step: PlanStep, area: Area, inputs: readonly TaskRecord[]): Task {
    return makeTask(step, isHead(step) ? beginLoop(step, area).area : area, inputs);
  }

  #openForeach({ step, area }: Task, record: TaskRecord): OpenForeach {
    for (const { join, port } of bodyOf(step).answers) widenPort(gateAt(join, area), port);
    return { splitter: step, area, record, size: 0, pages: [], next: 0 };
  }

  /** Who has items that no task was made for is in the queue already. */
  #addItems(frame: OpenForeach, count: number): void {
    const isQueued = frame.next < frame.size;
    this.#widen(frame, count);
    if (!isQueued && count > 0) this.#ready(frame);
  }

  #widen(frame: OpenForeach, count: number): void {
    frame.size += count;
    for (const { join } of bodyOf(frame.splitter).answers) {
      gateAt(join, frame.area).missing += count;
    }
  }

  /** All its tasks get ready at once; the first of them stands for all. */
  #startGang(frame: OpenForeach, { size, pages }: Pick<OpenForeach, 'size' | 'pages'>): void {
    this.#widen(frame, size);
    frame.pages = pages;
    this.#endItems(frame, 'whole');
    if (size === 0) return;
    const first = this.enterItem(frame);
    const gang: Unit = [first, ...Array.from({ length: size - 1 }, () => this.enterItem(frame))];
    for (const task of gang) task.gang = gang;
    this.#ready(first);
  }

  #endItems(frame: OpenForeach, end: 'whole' | 'failed' | 'cancelled'): void {
    delete frame.stream;
    for (const { join } of bodyOf(frame.splitter).answers) {
      const gate = gateAt(join, frame.area);
      endItems(gate, end, frame.size);
      if (gate.missing === 0) this.#complete(join, frame.area, gate);
    }
  }

  /** The same token on every way out; a foreach that never opened answers with it at its joins. */
  #sendAll(step: PlanStep, area: Area, token: Token): void {
    for (const edge of step.outs) this.#send(edge, area, token);
    for (const { join, port } of step.body?.answers ?? []) this.#add(join, area, { port, token });
  }

  #resolve(area: Area): void {
    area.unresolved -= 1;
    const loop = area.loop;
    if (area.unresolved === 0 && loop?.area === area) this.#settleRound(loop);
  }

  /** Either the next round begins, and what waited dead is forgotten, or all that waited goes out. */
  #settleRound(loop: LoopRun): void {
    if (fires('anyLive', loop.back)) {
      const inputs = inputsOf(loop.back);
      loop.round += 1;
      beginRound(loop);
      this.#ready(makeTask(loop.head, loop.area, inputs));
      return;
    }
    for (const edge of loop.region.leaving) {
      this.#send(edge, loop.around, loop.held.get(edge) ?? DEAD);
    }
    this.#resolve(loop.around);
  }
}

/** A later join measures its inputs against it. */
function keepFork({ step, area }: Task, record: TaskRecord): void {
  if (step.isFork) (area.forks ??= new Map()).set(step, record);
}

function takenSteps(
  transition: Exclude<TakenTransition, { readonly kind: 'foreach' | 'gang' }>,
): readonly string[] {
  switch (transition.kind) {
    case 'end':
      return [];
    case 'next':
      return transition.to;
    case 'switch':
      return [transition.to];
  }
}

function makeTask(step: PlanStep, area: Area, inputs: readonly TaskRecord[]): Task {
  return { step, area, inputs, phase: 'ready', attempt: 1, placements: 0, holds: undefined };
}

function gateAt(step: PlanStep, area: Area): Gate {
  return (area.gates[step.gate] ??= makeGate(step.ports));
}

function bodyOf(step: PlanStep): NonNullable<PlanStep['body']> {
  if (step.body === undefined) throw new InternalError(`"${step.name}" opens no foreach`);
  return step.body;
}

function beginLoop(head: PlanStep, around: Area): LoopRun {
  const region = head.region;
  const loop: LoopRun = {
    region,
    head,
    around,
    round: 0,
    area: around,
    back: makeGate(region.backPorts),
    held: new Map(),
  };
  (around.loops ??= new Map()).set(region, loop);
  beginRound(loop);
  return loop;
}

function beginRound(loop: LoopRun): void {
  loop.area = roundArea(loop);
  loop.back = makeGate(loop.region.backPorts);
}

/** Of what leaves on one edge in several rounds, a live or failed token beats a dead one. */
function hold(loop: LoopRun, edge: PlanEdge, token: Token): void {
  if (token.status !== 'dead') loop.held.set(edge, token);
}
