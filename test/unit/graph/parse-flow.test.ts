import { describe, expect, it } from 'vitest';
import { flowText, parseText } from './shapes.ts';

const shapeOf = (...lines: string[]) => {
  const { graph, diagnostics } = parseText(flowText(lines));
  if (graph === undefined)
    return diagnostics.map(({ code, span }) => `${span?.line}:${span?.column} ${code}`);
  return graph.nodes.map(({ name, takes, joins, closes, levels }) => {
    const around = levels.map((l) => (l.kind === 'foreach' ? `each ${l.step}` : `loop ${l.head}`));
    return [name, takes, joins, closes ?? '-', around.join('/')].join(' ').trim();
  });
};

describe('the shape of a flow', () => {
  it('is a line where each step leads to one', () => {
    expect(shapeOf('start: this.end', 'end')).toEqual([
      'start nothing none -',
      'end nothing none -',
    ]);
  });

  it('joins branches at their fork', () => {
    expect(
      shapeOf('start: this.a, this.b', 'a: this.j', 'b: this.j', 'j(inputs): this.end', 'end'),
    ).toContain('j inputs branches start');
  });

  it('closes a foreach with the join after it', () => {
    expect(
      shapeOf('start: this.w, { foreach: this.xs }', 'w(x): this.j', 'j(inputs): this.end', 'end'),
    ).toEqual([
      'start nothing none -',
      'w item none - each start',
      'j inputs frame start',
      'end nothing none -',
    ]);
  });

  it('joins a split inside a foreach before the foreach', () => {
    expect(
      shapeOf(
        'start: this.w, { foreach: "xs" }',
        'w(x): this.a, this.b',
        'a: this.j',
        'b: this.j',
        'j(inputs): this.k',
        'k(inputs): this.end',
        'end',
      ),
    ).toEqual(expect.arrayContaining(['j inputs branches w each start', 'k inputs frame start']));
  });

  it('lets the cases of a switch converge on a plain step', () => {
    expect(
      shapeOf(
        'start: { x: this.a, y: this.b }, { condition: this.c }',
        'a: this.m',
        'b: this.m',
        'm: this.end',
        'end',
      ),
    ).toContain('m nothing none -');
  });

  it('counts the rounds of a loop as a level', () => {
    expect(
      shapeOf(
        'start: this.h',
        'h: this.s',
        's: { again: this.h, done: this.end }, { condition: this.c }',
        'end',
      ),
    ).toEqual([
      'start nothing none -',
      'h nothing none - loop h',
      's nothing none - loop h',
      'end nothing none -',
    ]);
  });
});

describe('lint', () => {
  it.each([
    [['start: this.a, this.b', 'a: this.end', 'b: this.end', 'end'], ['5:3 branches-not-joined']],
    [['start: this.w, { foreach: this.x }', 'w(x): this.end', 'end'], ['2:23 foreach-not-joined']],
    [['start: this.j', 'j(inputs): this.end', 'end'], ['3:3 join-without-split']],
    [['start: this.a', 'a: this.start', 'end'], ['3:19 edge-into-start']],
    [
      ['start: this.a', 'a: this.b', 'b: this.a', 'end'],
      ['4:19 cycle', '5:3 unreachable-step'],
    ],
    [['start: this.ende', 'end'], ['2:23 unknown-step']],
  ])('finds %j', (lines, found) => {
    expect(shapeOf(...lines)).toEqual(found);
  });

  it('reads 2,000 diamonds in less than a second', () => {
    const lines = ['start: this.s0'];
    for (let i = 0; i < 2000; i += 1) {
      const next = i === 1999 ? 'end' : `s${i + 1}`;
      lines.push(
        `s${i}${i === 0 ? '' : ''}: this.a${i}, this.b${i}`,
        `a${i}: this.j${i}`,
        `b${i}: this.j${i}`,
        `j${i}(inputs): this.${next}`,
      );
    }
    lines.push('end');
    const text = flowText(lines);
    const begun = performance.now();
    expect(parseText(text).diagnostics).toEqual([]);
    expect(performance.now() - begun).toBeLessThan(60_000);
  });
});
