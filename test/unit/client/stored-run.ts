import { join } from 'node:path';
import type { RunReference } from '../../../src/client/run-reference.ts';
import { openJournalWriter } from '../../../src/journal/append.ts';
import {
  acquireLock,
  type ProcessPlace,
  releaseLock,
  thisPlace,
} from '../../../src/journal/liveness.ts';
import { createRunDirectory } from '../../../src/journal/run-directory.ts';
import type { EventDraft } from '../../../src/model/events.ts';
import type { FlowGraph, GraphNode, GraphTransition } from '../../../src/model/graph.ts';
import { openLocalBlobStore } from '../../../src/store/local/blob-store.ts';
import { started } from '../journal/events.ts';

export interface StoredRun {
  readonly flow?: string;
  readonly atMs?: number;
  readonly graph?: FlowGraph;
  readonly tags?: readonly string[];
  readonly drafts?: readonly EventDraft[];
  /** Who holds the lock; absent: released. */
  readonly holder?: Partial<ProcessPlace>;
}

/** Writes a run as a scheduler would have left it. */
export async function storeRun(root: string, stored: StoredRun): Promise<RunReference> {
  const { flow = 'Weather', atMs = Date.UTC(2026, 10), tags = [], drafts = [] } = stored;
  const clock = { now: () => atMs };
  const graph = stored.graph ?? FOREACH;
  const { hash } = await openLocalBlobStore(root).put(Buffer.from(JSON.stringify(graph)));
  const { run, dir } = createRunDirectory(join(root, 'flows', flow), clock);
  acquireLock(dir, { ...thisPlace(), ...stored.holder });
  const writer = openJournalWriter(dir, { run, clock });
  writer.append({ ...(started as object), flow, tags, graph: hash } as EventDraft);
  for (const draft of drafts) writer.append(draft);
  await writer.close();
  if (stored.holder === undefined) releaseLock(dir);
  return { flow, run, dir };
}

function node(name: string, rest: Partial<GraphNode> & { transition: GraphTransition }): GraphNode {
  return {
    name,
    takes: 'nothing',
    joins: 'none',
    fires: 'anyLive',
    levels: [],
    policy: {},
    decorators: [],
    sets: [],
    ...rest,
  };
}

const inItems = [{ kind: 'foreach', step: 'start' }] as const;

/** start, foreach item: split into a and b, joined by both; then join, end. */
export const FOREACH: FlowGraph = {
  flow: 'Weather',
  nodes: [
    node('start', { transition: { kind: 'foreach', to: 'split' } }),
    node('split', { takes: 'item', levels: inItems, transition: { kind: 'next', to: ['a', 'b'] } }),
    node('a', { levels: inItems, transition: { kind: 'next', to: ['both'] } }),
    node('b', { levels: inItems, transition: { kind: 'next', to: ['both'] } }),
    node('both', {
      takes: 'inputs',
      joins: 'branches',
      closes: 'split',
      levels: inItems,
      transition: { kind: 'next', to: ['join'] },
    }),
    node('join', {
      takes: 'inputs',
      joins: 'frame',
      closes: 'start',
      transition: { kind: 'next', to: ['end'] },
    }),
    node('end', { transition: { kind: 'end' } }),
  ],
  edges: [
    { from: 'start', to: 'split', kind: 'foreach' },
    { from: 'split', to: 'a', kind: 'next' },
    { from: 'split', to: 'b', kind: 'next' },
    { from: 'a', to: 'both', kind: 'next' },
    { from: 'b', to: 'both', kind: 'next' },
    { from: 'both', to: 'join', kind: 'next' },
    { from: 'join', to: 'end', kind: 'next' },
  ],
};

/** start, switch to small or big, which converge on end. */
export const SWITCH: FlowGraph = {
  flow: 'Weather',
  nodes: [
    node('start', {
      transition: {
        kind: 'switch',
        cases: [
          { label: 's', to: 'small' },
          { label: 'b', to: 'big' },
        ],
      },
    }),
    node('small', { transition: { kind: 'next', to: ['end'] } }),
    node('big', { transition: { kind: 'next', to: ['end'] } }),
    node('end', { transition: { kind: 'end' } }),
  ],
  edges: [
    { from: 'start', to: 'small', kind: 'case', labels: ['s'] },
    { from: 'start', to: 'big', kind: 'case', labels: ['b'] },
    { from: 'small', to: 'end', kind: 'next' },
    { from: 'big', to: 'end', kind: 'next' },
  ],
};

const inLoop = [{ kind: 'loop', head: 'try' }] as const;

/** start, then a loop of try and check: check leads back to try, or out to end. */
export const LOOP: FlowGraph = {
  flow: 'Weather',
  nodes: [
    node('start', { transition: { kind: 'next', to: ['try'] } }),
    node('try', { levels: inLoop, transition: { kind: 'next', to: ['check'] } }),
    node('check', {
      levels: inLoop,
      transition: {
        kind: 'switch',
        cases: [
          { label: 'again', to: 'try' },
          { label: 'done', to: 'end' },
        ],
      },
    }),
    node('end', { transition: { kind: 'end' } }),
  ],
  edges: [
    { from: 'start', to: 'try', kind: 'next' },
    { from: 'try', to: 'check', kind: 'next' },
    { from: 'check', to: 'try', kind: 'back', labels: ['again'] },
    { from: 'check', to: 'end', kind: 'case', labels: ['done'] },
  ],
};
