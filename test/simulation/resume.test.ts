import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { type FlowGraph } from '../../src/model/graph.ts';
import { type TaskPath, taskPath } from '../../src/model/ids.ts';
import { foresee } from '../../src/runtime/resume/foresee.ts';
import { replayOrigin } from '../../src/runtime/resume/origin-run.ts';
import { ResumePlan } from '../../src/runtime/resume/resume-plan.ts';
import { chance } from './chance.ts';
import { changeGraph } from './change-graph.ts';
import { isTakenOver, NaiveRun } from './naive-run.ts';
import type { Oracle } from './oracle.ts';
import { anyClassGraph } from './random-graph.ts';
import { randomOracle } from './random-oracle.ts';
import { interpret } from './reference.ts';
import { simulations, testTimeout } from './settings.ts';
import { type History, type Origin, type Scenario, simulate } from './simulate.ts';
import { hashingBody, itemAt, pageOf, simulatedItems, valuesOf } from './simulated-values.ts';

vi.setConfig({ testTimeout });

const NOTHING = { steps: new Set<string>(), tasks: new Set<TaskPath>() };

/** What may differ from one try of a flow to the next. */
const anyTry = fc.record({
  seed: fc.integer(),
  /** Gangs have two tasks at most. */
  maxWorkers: fc.constantFrom(2, 3, 5),
  failing: fc.constantFrom(0, 0.1),
  flaky: fc.constantFrom(0, 0.2),
  streaming: fc.constantFrom(0.2, 0.9),
  onFailure: fc.constantFrom('continue' as const, 'finish' as const),
  /** After so many events the process dies; the last try is left to its end. */
  killAfter: fc.integer({ min: 1, max: 60 }),
});
const anyFlow = fc.record({ graph: anyClassGraph, outcomes: fc.integer() });

/** One try after the other, each from where the one before was cut off. */
function goOn(scenarios: readonly Omit<Scenario, 'origin'>[]): History[] {
  const histories: History[] = [];
  let origin: Origin | undefined;
  for (const scenario of scenarios) {
    const history = simulate(origin === undefined ? scenario : { ...scenario, origin });
    histories.push(history);
    origin = { journal: history.journal, graph: scenario.graph, rerun: NOTHING };
  }
  return histories;
}

function leftBy(history: History): Record<string, unknown> {
  return Object.fromEntries(
    [...history.tasks].map(([path, { start, changes }]) => [path, { start, changes }]),
  );
}

it('leaves the same values after any number of crashes and failures as a run that went well', () => {
  const tries = fc.array(anyTry, { maxLength: 5 });
  fc.assert(
    fc.property(anyFlow, tries, anyTry, ({ graph, outcomes }, before, last) => {
      const body = hashingBody();
      const oracle = randomOracle(graph, outcomes, { failing: 0 });
      const { killAfter: _, ...whole } = last;
      const straight = simulate({ ...whole, graph, oracle, body });
      const broken = before.map((one) => {
        // What fails is decided anew in each try; all else stays as it is.
        const failures = randomOracle(graph, one.seed, one);
        return { ...one, graph, body, oracle: failingWhere(failures, oracle) };
      });
      const final = goOn([...broken, { ...whole, graph, oracle, body }]).at(-1)!;
      expect(final.outcome.kind).toBe('succeeded');
      expect(leftBy(final)).toEqual(leftBy(straight));
    }),
    simulations(0.05),
  );
});

/** Fails where the one does, and else does what the other does. */
function failingWhere(failures: Oracle, oracle: Oracle): Oracle {
  return (path, node) => {
    const outcome = oracle(path, node);
    const failure = failures(path, node);
    if (failure.kind === 'succeeds') return outcome;
    const isSplit = outcome.kind === 'succeeds' && outcome.transition.kind === 'foreach';
    if (!isSplit || failure.yielded === undefined) return { kind: failure.kind };
    // It yields some of the items that it would have yielded, in another order. Not those with keys: they
    // would be found again elsewhere, and what the oracle says depends on the place.
    const { to, size, pages } = outcome.transition;
    const inOrder = Array.from({ length: size }, (_, n) => itemAt(pages, n)!);
    const items = pages.some(({ keyed }) => keyed) ? inOrder : inOrder.toReversed();
    const some = items.slice(0, failure.yielded.size);
    const yielded = { to, size: some.length, pages: some.length === 0 ? [] : [pageOf(0, some)] };
    return { kind: failure.kind, yielded };
  };
}

/** The steps may do something else than before, in a graph that may be another one. */
const anyEdit = fc.record({
  isRecoded: fc.boolean(),
  isEdited: fc.boolean(),
  edit: fc.integer(),
  outcomes: fc.integer(),
});
const anyAsked = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.integer() },
);

interface Session {
  readonly graph: FlowGraph;
  readonly naive: NaiveRun;
  readonly history: History;
}

/** Some steps and tasks to run again, by chance. */
function askedOf({ graph, history }: Session, seed: number | undefined): Origin['rerun'] {
  if (seed === undefined) return NOTHING;
  const steps = graph.nodes.map(({ name }) => name).filter((name) => chance(seed, name) < 0.1);
  const tasks = [...history.tasks.keys()].filter((path) => chance(seed, path) < 0.1);
  return { steps: new Set(steps), tasks: new Set(tasks) };
}

/** All tasks that the new run takes over, by the rule; those that were asked for and what follows are not. */
function expectedClones(session: Session, before: Session, rerun: Origin['rerun']): TaskPath[] {
  const { naive, history } = session;
  const forced = new Set<TaskPath>();
  const taken: TaskPath[] = [];
  const isForced = (path: TaskPath): boolean =>
    rerun.tasks.has(naive.counterpart(path, before.naive)!) ||
    rerun.steps.has(naive.nodeOf(path).name) ||
    naive.above(path).some((one) => forced.has(one));
  // In the order in which they started: nothing comes before what it follows.
  for (const path of history.tasks.keys()) {
    // A process that dies may have taken over a part of a gang.
    const unit = naive.startsWith(path).filter((one) => history.tasks.has(one));
    if (unit.some(isForced)) forced.add(path);
    else if (unit.every((one) => isTakenOver(one, naive, before.naive))) taken.push(path);
  }
  return taken.toSorted();
}

it('takes over by the rule of a resume, whatever was edited, asked for, or cut off', () => {
  const later = fc.record({ one: anyTry, edit: anyEdit, asked: anyAsked });
  const sessions = fc.array(later, { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(anyFlow, anyTry, sessions, ({ graph, outcomes }, first, resumes) => {
      const oracle = randomOracle(graph, outcomes, first);
      const history = simulate({ ...first, graph, oracle, body: hashingBody() });
      let before: Session = { graph, history, naive: naiveOf(graph, oracle, history) };
      let code = outcomes;
      for (const { one, edit, asked } of resumes) {
        if (edit.isEdited || edit.isRecoded) code = edit.outcomes;
        before = resumeWith(before, { ...one, ...edit, code }, askedOf(before, asked));
      }
    }),
    simulations(0.05),
  );
});

type Resumed = Omit<Scenario, 'graph' | 'oracle'> & {
  readonly isEdited: boolean;
  readonly edit: number;
  /** Decides what its steps do. */
  readonly code: number;
  readonly failing: number;
};

function resumeWith(before: Session, one: Resumed, rerun: Origin['rerun']): Session {
  const graph = one.isEdited ? changeGraph(before.graph, one.edit) : before.graph;
  const versions = graph.nodes.map(({ name }) => [name, Math.floor(chance(one.code, name) * 1.3)]);
  const oracle = randomOracle(graph, one.code, one);
  const body = hashingBody(new Map(versions as [string, number][]));
  const origin = { journal: before.history.journal, graph: before.graph, rerun };
  const history = simulate({ ...one, graph, oracle, body, origin });
  // What was taken over went on as it did then.
  const naive = naiveOf(
    graph,
    (path, node) => {
      const task = history.tasks.get(path);
      if (task?.isClone !== true) return oracle(path, node);
      return { kind: 'succeeds', transition: task.transition! };
    },
    history,
  );
  const session = { graph, history, naive };
  const clones = [...history.tasks].filter(([, { isClone }]) => isClone).map(([path]) => path);
  expect(clones.toSorted()).toEqual(expectedClones(session, before, rerun));
  return session;
}

/** The reference's view of a run; it must know every task, with the same inputs. */
function naiveOf(graph: FlowGraph, oracle: Oracle, history: History): NaiveRun {
  const reference = interpret(graph, oracle);
  for (const [path, { inputs }] of history.tasks) {
    expect(reference.tasks.get(path)?.inputs, `inputs of ${path}`).toEqual(inputs);
  }
  if (history.outcome.kind === 'succeeded') {
    expect(history.tasks.size).toBe(reference.tasks.size);
  }
  const naive = new NaiveRun(graph, reference, history);
  for (const [path, { start }] of history.tasks) {
    expect(Object.fromEntries(valuesOf(start)), `what ${path} sees`).toEqual(
      Object.fromEntries(naive.start(path)),
    );
  }
  return naive;
}

it('plans the same for the same journal and graph, and changes neither', () => {
  fc.assert(
    fc.property(anyFlow, anyTry, anyEdit, ({ graph, outcomes }, one, { edit }) => {
      const oracle = randomOracle(graph, outcomes, one);
      const { journal } = simulate({ ...one, graph, oracle, body: hashingBody() });
      const changed = changeGraph(graph, edit);
      const given = JSON.stringify([journal, graph, changed]);
      const look = () => {
        const origin = replayOrigin(journal, graph);
        return foresee(
          new ResumePlan({ origin, graph: changed, rerun: NOTHING, items: simulatedItems }),
          changed,
        );
      };
      const foreseen = look();
      expect(look()).toEqual(foreseen);
      expect(JSON.stringify([journal, graph, changed])).toBe(given);
      // What it calls a clone is one.
      const resumed = { journal, graph, rerun: NOTHING };
      const { killAfter: _, ...whole } = one;
      const again = { ...whole, flaky: 0, onFailure: 'continue' as const, body: hashingBody() };
      const run = simulate({
        ...again,
        graph: changed,
        oracle: randomOracle(changed, edit, { failing: 0 }),
        origin: resumed,
      });
      const taken = run.journal.flatMap((event) =>
        event.type === 'task.cloned'
          ? [taskPath({ step: event.step, position: event.originPosition ?? event.position })]
          : [],
      );
      for (const { task, fate } of foreseen) {
        const isClone = run.tasks.get(task)?.isClone ?? false;
        if (fate === 'clone') expect(isClone, `${task} is taken over`).toBe(true);
        if (fate === 'run') expect(isClone, `${task} is not`).toBe(false);
        // By its name in the origin.
        if (fate === 'gone') expect(taken, `${task} is not`).not.toContain(task);
      }
    }),
    simulations(0.03),
  );
});
