import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import type { FlowGraph } from '../../src/model/graph.ts';
import { parsePosition, parseTaskPath, type TaskPath } from '../../src/model/ids.ts';
import { anyGraph } from './random-graph.ts';
import { randomOracle } from './random-oracle.ts';
import { interpret, type ReferenceRun } from './reference.ts';
import { simulations, testTimeout } from './settings.ts';
import { type History, type Scenario, simulate } from './simulate.ts';
import { type Body, refOf } from './simulated-values.ts';

vi.setConfig({ testTimeout });
const most = simulations(0.25);
const part = simulations(0.06);

/** Each task sets one field, named by its path. */
const namedBody: Body = ({ path }) => ({ [path]: refOf(path) });

const anyDraw = fc.record({
  graph: anyGraph,
  outcomes: fc.integer(),
  failing: fc.constantFrom(0, 0, 0.05, 0.3),
  seed: fc.integer(),
  maxWorkers: fc.constantFrom(1, 2, 3, 16),
  flaky: fc.constantFrom(0, 0.3),
  streaming: fc.constantFrom(0, 0.6),
});

type Draw = typeof anyDraw extends fc.Arbitrary<infer T> ? T : never;

const anyScenario = anyDraw.map(scenarioOf);

function scenarioOf({ outcomes, failing, ...rest }: Draw): Scenario {
  const { graph, maxWorkers, streaming } = rest;
  const classFlow = graph.nodes.every((node) => node.fires === 'anyLive');
  const fits = (_node: unknown, tasks: number) => tasks <= maxWorkers;
  const oracle = randomOracle(graph, outcomes, { failing, fits, streaming });
  return { ...rest, oracle, ...(classFlow && { body: namedBody }), onFailure: 'continue' };
}

function seenAfter(run: ReferenceRun, path: TaskPath, known: Map<TaskPath, string[]>): string[] {
  const before = known.get(path);
  if (before !== undefined) return before;
  const { inputs, fork } = run.tasks.get(path)!;
  const from = fork ?? inputs[0];
  const sees = from === undefined ? [] : [...seenAfter(run, from, known), from];
  known.set(path, sees);
  return sees;
}

/** Whatever was started exists by the rule too, with the same inputs and, where it ran, fork. */
function expectAgreement(history: History, run: ReferenceRun): void {
  const facts = [...history.tasks].map(([path, task]) => {
    const expected = run.tasks.get(path);
    const forkRan = expected?.fork && run.tasks.get(expected.fork)?.outcome === 'succeeds';
    const { inputs, fork } = task;
    return [
      { path, inputs, fork: forkRan ? fork : undefined },
      { path, inputs: expected?.inputs, fork: forkRan ? expected?.fork : undefined },
    ] as const;
  });
  expect(facts.map(([found]) => found)).toEqual(facts.map(([, expected]) => expected));
}

it('runs exactly the tasks of the token rule, with their inputs in order, however they interleave', () => {
  fc.assert(
    fc.property(anyScenario, (scenario) => {
      const run = interpret(scenario.graph, scenario.oracle);
      const history = simulate(scenario);
      expect([...history.tasks.keys()].toSorted()).toEqual([...run.tasks.keys()].toSorted());
      expectAgreement(history, run);
      expect(history.outcome.kind).toBe(run.end);
    }),
    most,
  );
});

/** The items that a task's position names, outermost first. */
function framesAt(graph: FlowGraph, path: TaskPath): string[] {
  const { step, position } = parseTaskPath(path);
  const { levels } = graph.nodes.find(({ name }) => name === step)!;
  const places = parsePosition(position, levels.length)!;
  return levels.flatMap((level, n) => {
    const place = places[n]!;
    return level.kind === 'foreach' && place.kind === 'item'
      ? [`${level.step}:${place.index}`]
      : [];
  });
}

it('shows a task the open foreaches that its position names', () => {
  fc.assert(
    fc.property(anyScenario, (scenario) => {
      for (const [path, { frames }] of simulate(scenario).tasks) {
        expect(frames, `foreaches around ${path}`).toEqual(framesAt(scenario.graph, path));
      }
    }),
    part,
  );
});

it('lets a task see what its inputs saw, and a join what its fork saw', () => {
  fc.assert(
    fc.property(anyScenario, (scenario) => {
      fc.pre(scenario.body !== undefined);
      const run = interpret(scenario.graph, scenario.oracle);
      const known = new Map<TaskPath, string[]>();
      for (const [path, { start }] of simulate(scenario).tasks) {
        expect(Object.keys(start), `what ${path} sees`).toEqual(seenAfter(run, path, known));
      }
    }),
    part,
  );
});

it('starts nothing new after a failure unless told to continue, and ends failed', () => {
  const onFailure = fc.constantFrom('finish' as const, 'kill' as const);
  fc.assert(
    fc.property(anyScenario, onFailure, (drawn, policy) => {
      const scenario = { ...drawn, onFailure: policy };
      const run = interpret(scenario.graph, scenario.oracle);
      const history = simulate(scenario);
      expectAgreement(history, run);
      expect(history.outcome.kind).toBe(run.end);
      if (run.end === 'succeeded') expect(history.tasks.size).toBe(run.tasks.size);
    }),
    part,
  );
});

it('ends cancelled when it is stopped, after every running task has answered', () => {
  fc.assert(
    fc.property(anyScenario, fc.nat(30), (drawn, stopAfter) => {
      const scenario = { ...drawn, stopAfter };
      const history = simulate(scenario);
      const run = interpret(scenario.graph, scenario.oracle);
      expectAgreement(history, run);
      expect(history.outcome.kind).toBe(history.stopped ? 'cancelled' : run.end);
    }),
    part,
  );
});

it('takes the same decisions when the same history is replayed', () => {
  fc.assert(
    fc.property(anyScenario, (scenario) => {
      expect(simulate(scenario)).toEqual(simulate(scenario));
    }),
    part,
  );
});

it('starts tasks in declaration and index order when one at a time runs and none fails', () => {
  fc.assert(
    fc.property(anyDraw, fc.integer(), (drawn, other) => {
      fc.pre(drawn.streaming === 0);
      const scenario = scenarioOf({ ...drawn, maxWorkers: 1, flaky: 0 });
      const again = { ...scenario, seed: other };
      expect(simulate(again).launches).toEqual(simulate(scenario).launches);
    }),
    part,
  );
});
