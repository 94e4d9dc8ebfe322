import { describe, expect, it } from 'vitest';
import { flowText, parseText } from './shapes.ts';

/** `name takes joins closes levels`, and every edge with its kind. */
function shapeOf(lines: readonly string[]) {
  const { graph, diagnostics } = parseText(flowText(lines));
  expect(diagnostics).toEqual([]);
  const nodes = (graph?.nodes ?? []).map(({ name, takes, joins, closes, levels }) => {
    const around = levels.map((l) => (l.kind === 'foreach' ? `each ${l.step}` : `loop ${l.head}`));
    return [name, takes, joins, closes ?? '-', around.join('/')].join(' ').trim();
  });
  const edges = (graph?.edges ?? []).map(
    ({ from, to, kind, labels }) =>
      `${from}-${kind}${labels === undefined ? '' : `(${labels.join('|')})`}-${to}`,
  );
  return { nodes, edges: edges.join(' ') };
}

const SWITCH = '{ condition: this.size }';

describe('the shape of a flow', () => {
  it('is a line where each step leads to one', () => {
    expect(shapeOf(['start: this.a', 'a: this.end', 'end'])).toEqual({
      nodes: ['start nothing none -', 'a nothing none -', 'end nothing none -'],
      edges: 'start-next-a a-next-end',
    });
  });

  it('joins branches at their fork', () => {
    const lines = ['start: this.a, this.b', 'a: this.j', 'b: this.j', 'j(inputs): this.end', 'end'];
    expect(shapeOf(lines)).toEqual({
      nodes: [
        'start nothing none -',
        'a nothing none -',
        'b nothing none -',
        'j inputs branches start',
        'end nothing none -',
      ],
      edges: 'start-next-a start-next-b a-next-j b-next-j j-next-end',
    });
  });

  it('opens a level per foreach, three deep', () => {
    const lines = [
      'start: this.a, { foreach: this.xs }',
      'a(x): this.b, { foreach: this.xs }',
      'b(x): this.c, { foreach: "xs" }',
      'c(x): this.jc',
      'jc(inputs): this.jb',
      'jb(inputs): this.ja',
      'ja(inputs): this.end',
      'end',
    ];
    expect(shapeOf(lines)).toEqual({
      nodes: [
        'start nothing none -',
        'a item none - each start',
        'b item none - each start/each a',
        'c item none - each start/each a/each b',
        'jc inputs frame b each start/each a',
        'jb inputs frame a each start',
        'ja inputs frame start',
        'end nothing none -',
      ],
      edges: 'start-foreach-a a-foreach-b b-foreach-c c-next-jc jc-next-jb jb-next-ja ja-next-end',
    });
  });

  it('joins a foreach in a split in a foreach from the inside out', () => {
    const lines = [
      'start: this.w, { foreach: this.xs }',
      'w(x): this.a, this.b',
      'a: this.i, { foreach: this.xs }',
      'i(x): this.ij',
      'ij(inputs): this.j',
      'b: this.j',
      'j(inputs): this.k',
      'k(inputs): this.end',
      'end',
    ];
    expect(shapeOf(lines).nodes).toEqual([
      'start nothing none -',
      'w item none - each start',
      'a nothing none - each start',
      'i item none - each start/each a',
      'ij inputs frame a each start',
      'b nothing none - each start',
      'j inputs branches w each start',
      'k inputs frame start',
      'end nothing none -',
    ]);
  });

  it('lets the cases of a switch meet in a plain step', () => {
    const lines = [
      `start: { x: this.a, y: this.b, z: this.b }, ${SWITCH}`,
      `a: { 1: this.m, true: this.b }, ${SWITCH}`,
      'b: this.m',
      'm: this.end',
      'end',
    ];
    expect(shapeOf(lines)).toEqual({
      nodes: ['start', 'a', 'b', 'm', 'end'].map((name) => `${name} nothing none -`),
      edges: 'start-case(x)-a start-case(y|z)-b a-case(1)-m a-case(true)-b b-next-m m-next-end',
    });
  });

  it('closes a foreach after a switch in it', () => {
    const lines = [
      'start: this.w, { foreach: this.xs }',
      `w(x): { x: this.a, y: this.j }, ${SWITCH}`,
      'a: this.j',
      'j(inputs): this.end',
      'end',
    ];
    expect(shapeOf(lines).nodes).toContain('j inputs frame start');
  });

  it('joins branches where one of them chooses its way, also straight into the join', () => {
    const lines = [
      'start: this.a, this.b',
      `a: { x: this.c, y: this.j }, ${SWITCH}`,
      'b: this.j',
      'c: this.j',
      'j(inputs): this.end',
      'end',
    ];
    expect(shapeOf(lines).nodes).toContain('j inputs branches start');
  });

  it('joins a split and a foreach that stand in a case', () => {
    const lines = [
      `start: { x: this.s, y: this.f }, ${SWITCH}`,
      's: this.a, this.b',
      'a: this.j',
      'b: this.j',
      'j(inputs): this.m',
      'f: this.w, { foreach: this.xs }',
      'w(x): this.k',
      'k(inputs): this.m',
      'm: this.end',
      'end',
    ];
    expect(shapeOf(lines).nodes).toEqual(
      expect.arrayContaining([
        'j inputs branches s',
        'w item none - each f',
        'k inputs frame f',
        'm nothing none -',
      ]),
    );
  });

  it('joins at a switch what a split in one of its cases sends along two ways', () => {
    const lines = [
      `start: { x: this.s, y: this.j }, ${SWITCH}`,
      's: this.a, this.b',
      'a: this.j',
      'b: this.j',
      'j(inputs): this.end',
      'end',
    ];
    expect(shapeOf(lines).nodes).toContain('j inputs branches start');
  });

  it('counts the rounds of a step that leads back to itself', () => {
    const lines = ['start: this.h', `h: { again: this.h, done: this.end }, ${SWITCH}`, 'end'];
    expect(shapeOf(lines)).toEqual({
      nodes: ['start nothing none -', 'h nothing none - loop h', 'end nothing none -'],
      edges: 'start-next-h h-back(again)-h h-case(done)-end',
    });
  });

  it('counts the rounds of a loop over several steps with a split inside', () => {
    const lines = [
      'start: this.h',
      'h: this.a, this.b',
      'a: this.j',
      'b: this.j',
      'j(inputs): this.s',
      `s: { again: this.h, done: this.end }, ${SWITCH}`,
      'end',
    ];
    expect(shapeOf(lines)).toEqual({
      nodes: [
        'start nothing none -',
        'h nothing none - loop h',
        'a nothing none - loop h',
        'b nothing none - loop h',
        'j inputs branches h loop h',
        's nothing none - loop h',
        'end nothing none -',
      ],
      edges:
        'start-next-h h-next-a h-next-b a-next-j b-next-j j-next-s s-back(again)-h s-case(done)-end',
    });
  });

  it('puts a loop inside the level of its foreach, and a foreach inside the level of its loop', () => {
    const lines = [
      'start: this.w, { foreach: this.xs }',
      'w(x): this.h',
      'h: this.i, { foreach: this.xs }',
      'i(x): this.ij',
      'ij(inputs): this.s',
      `s: { again: this.h, done: this.j }, ${SWITCH}`,
      'j(inputs): this.end',
      'end',
    ];
    expect(shapeOf(lines).nodes).toEqual([
      'start nothing none -',
      'w item none - each start',
      'h nothing none - each start/loop h',
      'i item none - each start/loop h/each h',
      'ij inputs frame h each start/loop h',
      's nothing none - each start/loop h',
      'j inputs frame start',
      'end nothing none -',
    ]);
  });

  it('takes any directed graph: joins may share branches', () => {
    const lines = [
      'start: this.a, this.b, this.c',
      'a: this.j, this.k',
      'b: this.j',
      'c: this.k',
      'j(inputs): this.l',
      'k(inputs): this.l',
      'l(inputs): this.end',
      'end',
    ];
    expect(shapeOf(lines).nodes).toEqual(
      expect.arrayContaining([
        'j inputs branches start',
        'k inputs branches start',
        'l inputs branches start',
      ]),
    );
  });

  it('lets a join choose, split or fan out itself', () => {
    const lines = [
      'start: this.a, this.b',
      'a: this.j',
      'b: this.j',
      'j(inputs): this.c, this.d',
      'c: this.k',
      'd: this.k',
      'k(inputs): this.w, { foreach: this.xs }',
      'w(x): this.l',
      `l(inputs): { x: this.m, y: this.end }, ${SWITCH}`,
      'm: this.end',
      'end',
    ];
    expect(shapeOf(lines).nodes).toEqual(
      expect.arrayContaining(['k inputs branches j', 'l inputs frame k', 'w item none - each k']),
    );
  });
});
