import { expect, it } from 'vitest';
import type { FlowGraph } from '../../../src/model/graph.ts';
import { addPolicies } from '../../../src/runtime/added-policy.ts';

const retry = (times: number) => ({
  retry: { times, initialDelayMs: 1, factor: 1, maxDelayMs: 1, jitter: false },
});

it('an added decorator goes to the steps that have none of its kind', () => {
  const node = {
    takes: 'nothing',
    joins: 'none',
    fires: 'anyLive',
    levels: [],
    transition: { kind: 'end' },
    decorators: [],
    sets: [],
  } as const;
  const graph: FlowGraph = {
    flow: 'F',
    edges: [],
    nodes: [
      { ...node, name: 'plain', policy: { timeoutMs: 9 } },
      { ...node, name: 'own', policy: retry(0) },
    ],
  };
  const added = addPolicies(graph, [{ policy: retry(2), text: 'retry(times=2)' }]);
  expect(added.nodes.map(({ policy }) => policy)).toEqual([
    { timeoutMs: 9, ...retry(2) },
    retry(0),
  ]);
});
