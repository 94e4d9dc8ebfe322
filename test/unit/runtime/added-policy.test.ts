import { expect, it } from 'vitest';
import type { StepPolicy } from '../../../src/model/definition.ts';
import type { FlowGraph, GraphTransition } from '../../../src/model/graph.ts';
import { addPolicies } from '../../../src/runtime/added-policy.ts';
import { graphOf, nodeOf } from './scheduler/graphs.ts';

const retry = (times: number) => ({
  retry: { times, initialDelayMs: 1, factor: 1, maxDelayMs: 1, jitter: false },
});
const END: GraphTransition = { kind: 'end' };
const FOREACH: GraphTransition = { kind: 'foreach', to: 'end' };
const SWITCH: GraphTransition = {
  kind: 'switch',
  cases: [
    { label: 'small', to: 'end' },
    { label: 'big', to: 'end' },
  ],
};

const graph = (transition: GraphTransition, policy: StepPolicy = {}): FlowGraph =>
  graphOf([nodeOf('first', { transition, policy }), nodeOf('end', { transition: END })]);

const withCatch = (flow: FlowGraph, caught: NonNullable<StepPolicy['catch']>) =>
  addPolicies(flow, [{ policy: { catch: caught }, text: 'catchError' }]).nodes.map(
    ({ policy }) => policy.catch,
  );

it('an added decorator goes to the steps that have none of its kind', () => {
  const flow = graphOf([
    nodeOf('plain', { transition: END, policy: { timeoutMs: 9 } }),
    nodeOf('own', { transition: END, policy: retry(0) }),
  ]);
  const added = addPolicies(flow, [{ policy: retry(2), text: 'retry(times=2)' }]);
  expect(added.nodes.map(({ policy }) => policy)).toEqual([
    { timeoutMs: 9, ...retry(2) },
    retry(0),
  ]);
});

it('an added catchError says how a switch and a foreach go on, or is refused with the remedy', () => {
  const refused = (hint: string | RegExp) =>
    expect.objectContaining({ exitCode: 2, hint: expect.stringMatching(hint) });
  expect(() => withCatch(graph(FOREACH), { field: 'why' })).toThrow(
    refused(/catchError:field=why,items=\[\], or put @catchError on "first"/),
  );
  expect(() => withCatch(graph(SWITCH), { field: 'why' })).toThrow(refused(/field=why,take=CASE/));
  expect(() => withCatch(graph(SWITCH), { field: 'why', take: 'smal' })).toThrow(
    refused(/"small"/),
  );
  expect(withCatch(graph(FOREACH), { field: 'why', items: [] })).toHaveLength(2);
  expect(withCatch(graph(SWITCH), { field: 'why', take: 'big' })).toHaveLength(2);
});

it('an added catchError leaves a step with one of its own alone', () => {
  const own = { field: 'own', take: 'big' };
  expect(withCatch(graph(SWITCH, { catch: own }), { field: 'why' })).toEqual([
    own,
    { field: 'why' },
  ]);
});

it('an added catchError has no options that nothing uses', () => {
  expect(() => withCatch(graph(END), { field: 'why', take: 'big' })).toThrow(/no step takes/);
  expect(() => withCatch(graph(SWITCH), { field: 'why', take: 'big', items: [] })).toThrow(
    /no step has a foreach/,
  );
});
