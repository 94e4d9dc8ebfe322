import type { FireRule } from '../../model/graph.ts';
import type { TaskRecord } from './task-record.ts';

/**
 * Where the tokens of a step meet. Counters decide whether it fires, so no arrival ever looks at
 * another one; the inputs stand at their ports, so their order is that of the graph.
 */
export interface Gate {
  /** Tokens still to come. */
  missing: number;
  live: number;
  dead: number;
  failed: number;
  cancelled: number;
  /** By port: the task behind a live token, or those of all items of a foreach, by index. */
  readonly inputs: (TaskRecord | (TaskRecord | undefined)[] | undefined)[];
}

export type Token =
  | { readonly status: 'live'; readonly record: TaskRecord }
  | { readonly status: 'dead' | 'failed' | 'cancelled' };

export const DEAD: Token = { status: 'dead' };

export function makeGate(ports: number): Gate {
  return { missing: ports, live: 0, dead: 0, failed: 0, cancelled: 0, inputs: [] };
}

export function addToken(gate: Gate, port: number, token: Token): void {
  gate.missing -= 1;
  gate[token.status] += 1;
  if (token.status === 'live') gate.inputs[port] = token.record;
}

/** From now on this port stands for all items of a foreach, and for one more token: its end. */
export function widenPort(gate: Gate, port: number): void {
  gate.inputs[port] = [];
}

/** No further items come. Without items the end is live; broken, it says so. */
export function endItems(gate: Gate, end: Token['status'] | 'whole', size: number): void {
  gate.missing -= 1;
  if (end !== 'whole') gate[end] += 1;
  else if (size === 0) gate.live += 1;
}

export function addAnswer(gate: Gate, at: { port: number; index: number }, token: Token): void {
  gate.missing -= 1;
  gate[token.status] += 1;
  if (token.status !== 'live') return;
  const items = gate.inputs[at.port];
  if (Array.isArray(items)) items[at.index] = token.record;
}

/** The records behind the live tokens, in declaration and index order. */
export function inputsOf(gate: Gate): readonly TaskRecord[] {
  const inputs: TaskRecord[] = [];
  for (const input of gate.inputs) {
    if (!Array.isArray(input)) {
      if (input !== undefined) inputs.push(input);
      continue;
    }
    for (const record of input) if (record !== undefined) inputs.push(record);
  }
  return inputs;
}

/**
 * Whether a step fires once all its tokens are there. A class step needs a live token and none that
 * failed: it would depend on the failure. `allDone` wants something to have run, `always` nothing.
 */
export function fires(rule: FireRule, gate: Gate): boolean {
  const broken = gate.failed + gate.cancelled;
  switch (rule) {
    case 'anyLive':
      return gate.live > 0 && broken === 0;
    case 'allLive':
      return gate.dead + broken === 0;
    case 'allDone':
      return gate.live + broken > 0;
    case 'oneFailed':
      return broken > 0;
    case 'noneFailed':
      return broken === 0;
    case 'always':
      return true;
  }
}

/** What a step hands on that did not fire, and what an item answers whose steps ended: the worst. */
export function unfired(gate: Gate): Token {
  if (gate.failed > 0) return { status: 'failed' };
  return gate.cancelled > 0 ? { status: 'cancelled' } : DEAD;
}

/** An item's answer: the worst of what its paths say, else the live one. */
export function answerOf(gate: Gate): Token {
  const [record] = inputsOf(gate);
  if (gate.failed + gate.cancelled > 0 || record === undefined) return unfired(gate);
  return { status: 'live', record };
}
