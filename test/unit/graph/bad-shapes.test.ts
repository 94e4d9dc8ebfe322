import { describe, expect, it } from 'vitest';
import { flowText, problemsOf } from './shapes.ts';

type Found = readonly string[];

/** Whole flows, one step a line; the class begins on line 1, the first step on line 2. */
const GRAPHS: readonly (readonly [steps: readonly string[], found: Found])[] = [
  [['a: this.end', 'end'], ['1:1 no-start: Demo has no step "start"']],
  [
    ['start: this.a', 'a: this.a2', 'a2'],
    ['1:1 no-end: Demo has no step "end"', '4:3 no-next: the step "a2" does not call next'],
  ],
  [
    ['start: this.end', 'end: this.start'],
    ['3:11 end-has-next: the step "end" calls next, but nothing comes after it'],
  ],
  [
    ['start(x): this.end', 'end(y)'],
    [
      '2:3 takes-argument: the step "start" takes an argument, but may take none',
      '3:3 takes-argument: the step "end" takes an argument, but may take none',
    ],
  ],
  [
    ['start: this.a', 'a(x, y): this.end', 'end'],
    ['3:3 takes-argument: the step "a" takes 2 arguments, but may take only one'],
  ],
  [
    ['start: this.a', 'a: this.start', 'end'],
    ['3:19 edge-into-start: the step "a" leads back to "start", which only begins a run'],
  ],
  [
    ['start: this.a', 'a: this.ende', 'end'],
    ['3:19 unknown-step: the step "a" leads to "ende", which is no step'],
  ],
  [
    ['start: this.a', 'a: this.zzz', 'b: this.end', 'j(inputs): this.end', 'end'],
    ['3:19 unknown-step: the step "a" leads to "zzz", which is no step'],
  ],
  [
    ['start: { x: this.end }, { condition: this.size }', 'end'],
    ['2:28 one-case: the switch in the step "start" has fewer than two cases'],
  ],
  [
    ['start: this.w, { numParallel: 0 }', 'w(n): this.j', 'j(inputs): this.end', 'end'],
    ['2:46 gang-size: numParallel of the step "start" is 0, which is no number of tasks'],
  ],
  [
    ['start: this.w, { numParallel: -2 }', 'w(n): this.j', 'j(inputs): this.end', 'end'],
    ['2:46 gang-size: numParallel of the step "start" is -2, which is no number of tasks'],
  ],
  [
    ['start: this.w, { numParallel: 1.5 }', 'w(n): this.j', 'j(inputs): this.end', 'end'],
    ['2:46 gang-size: numParallel of the step "start" is 1.5, which is no number of tasks'],
  ],
  [
    ['start: this.w, { numParallel: 2 }', 'w(n): this.end', 'end'],
    ['2:23 foreach-not-joined: the gang of the step "start" is not joined before "end"'],
  ],
  [
    ['start: this.j, { numParallel: 2 }', 'j(inputs): this.end', 'end'],
    ['2:23 empty-foreach: the gang leads straight into the join "j"'],
  ],
  [
    [
      'start: this.w, { numParallel: 2 }',
      'w(n): { again: this.w, done: this.j }, { condition: this.size }',
      'j(inputs): this.end',
      'end',
    ],
    ['2:23 gang-loop: the step "w" runs as a gang of "start" and is the head of a loop'],
  ],
  [
    ['start: this.a', 'a: this.b', 'b: this.a', 'end'],
    ['4:19 cycle: the step "b" leads back to "a"'],
  ],
  [
    ['start: this.a', 'a: this.end', 'b: this.end', 'end'],
    ['4:3 unreachable-step: no way leads from "start" to the step "b"'],
  ],
  [
    [
      'start: { x: this.a, y: this.b }, { condition: this.size }',
      'a: this.b',
      'b: { x: this.a, y: this.end }, { condition: this.size }',
      'end',
    ],
    ['4:24 loop-entry: the loop from "b" back to "a" can be entered without passing "a"'],
  ],
  [
    [
      'start: this.h',
      'h: this.p, this.q',
      'p: { again: this.h, done: this.j }, { condition: this.size }',
      'q: this.j',
      'j(inputs): this.end',
      'end',
    ],
    ['3:27 loop-exit: the step "h" leaves a loop to "q", but not by a case outside a foreach'],
  ],
  [
    [
      'start: this.a, this.b',
      'a: this.h',
      'b: this.h',
      'h(inputs): { again: this.h, done: this.end }, { condition: this.size }',
      'end',
    ],
    ['5:3 loop-head-joins: the step "h" takes inputs and is the head of a loop'],
  ],
  [
    [
      'start: this.h',
      'h: this.w, { foreach: this.xs }',
      'w(x): { again: this.h, done: this.j }, { condition: this.size }',
      'j(inputs): this.end',
      'end',
    ],
    ['4:29 back-in-foreach: the step "w" leads back to "h" out of an open foreach'],
  ],
  [
    [
      'start: { x: this.a, y: this.w }, { condition: this.size }',
      'a: this.w, { foreach: this.xs }',
      'w(x): this.j',
      'j(inputs): this.end',
      'end',
    ],
    [
      '4:3 shared-item-step: the step "w" is the target of a foreach or a gang and is reached from "a", "start"',
    ],
  ],
  [
    ['start: this.a, this.b', 'a: this.end', 'b: this.end', 'end'],
    ['5:3 branches-not-joined: the branches "a", "b" meet in "end", which takes no inputs'],
  ],
  [
    ['start: this.j', 'j(inputs): this.end', 'end'],
    ['3:3 join-without-split: the step "j" takes inputs, but there is no split or foreach to join'],
  ],
  [
    ['start: this.j, { foreach: this.xs }', 'j(inputs): this.end', 'end'],
    ['2:23 empty-foreach: the foreach leads straight into the join "j"'],
  ],
  [
    ['start: this.w, { foreach: this.xs }', 'w(x): this.end', 'end'],
    ['2:23 foreach-not-joined: the foreach of the step "start" is not joined before "end"'],
  ],
  [
    [
      'start: this.a, this.b',
      'a: this.w, { foreach: this.xs }',
      'w(x): this.j',
      'b: this.j',
      'j(inputs): this.end',
      'end',
    ],
    [
      '6:3 different-depths: the step "j" is reached from "w" and "b", which stand in different foreaches or loops',
    ],
  ],
  [
    [
      'start: this.w, { foreach: this.xs }',
      'w(x): this.h',
      'h: { again: this.h, done: this.m }, { condition: this.size }',
      'm: this.k',
      'k(inputs): this.l',
      'l(inputs): this.end',
      'end',
    ],
    ['7:3 join-without-split: the step "l" takes inputs, but there is no split or foreach to join'],
  ],
  [
    [
      'start: this.w, { foreach: this.xs }',
      'w(x): this.h',
      'h: this.j',
      'j(inputs): { again: this.h, done: this.end }, { condition: this.size }',
      'end',
    ],
    ['5:3 crossed-join: the step "j" joins across the border of a loop or foreach'],
  ],
  [
    ['start: this.Bad', 'Bad: this.end', 'end'],
    ['3:3 step-name: the step name "Bad" is not allowed'],
  ],
];

describe('lint of the graph', () => {
  it.each(GRAPHS)('finds what is wrong with the steps %j', (steps, found) => {
    expect(problemsOf(flowText(steps))).toEqual(found);
  });
});
