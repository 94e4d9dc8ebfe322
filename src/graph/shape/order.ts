import type { Wire, Wiring } from './wiring.ts';

/** The reachable steps without their back edges: a graph without cycles, in topological order. */
export interface Order {
  /** Reverse postorder; `start` is first. */
  readonly sequence: readonly number[];
  readonly rank: ReadonlyMap<number, number>;
  readonly back: readonly Wire[];
  readonly forward: readonly (readonly Wire[])[];
  readonly into: readonly (readonly Wire[])[];
}

/** Depth first, with a stack of its own: flows may be longer than the call stack. */
export function orderSteps({ out }: Wiring, start: number): Order {
  const state = new Uint8Array(out.length);
  const back: Wire[] = [];
  const postorder: number[] = [];
  const forward: Wire[][] = out.map(() => []);
  const into: Wire[][] = out.map(() => []);
  const stack = [{ step: start, next: 0 }];
  state[start] = OPEN;
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const edge = out[top.step]?.[top.next];
    top.next += 1;
    if (edge === undefined) {
      state[top.step] = DONE;
      postorder.push(top.step);
      stack.pop();
    } else if (state[edge.to] === OPEN) back.push(edge);
    else {
      forward[edge.from]?.push(edge);
      into[edge.to]?.push(edge);
      if (state[edge.to] === DONE) continue;
      state[edge.to] = OPEN;
      stack.push({ step: edge.to, next: 0 });
    }
  }
  const sequence = postorder.toReversed();
  return { sequence, rank: new Map(sequence.map((s, r) => [s, r])), back, forward, into };
}

const OPEN = 1;
const DONE = 2;
