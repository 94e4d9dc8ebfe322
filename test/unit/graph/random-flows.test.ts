import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FlowGraph } from '../../../src/model/graph.ts';
import { flowText, parseText } from './shapes.ts';

/** A piece of a flow with one way in and one way out. */
type Block =
  | { readonly kind: 'step' }
  | { readonly kind: 'chain'; readonly parts: readonly Block[] }
  | { readonly kind: 'split' | 'switch'; readonly parts: readonly Block[] }
  | { readonly kind: 'foreach' | 'loop'; readonly body: Block };

const { block } = fc.letrec<{ block: Block }>((tie) => ({
  block: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.constant<Block>({ kind: 'step' }),
    fc.record({
      kind: fc.constantFrom('chain' as const, 'split' as const, 'switch' as const),
      parts: fc.array(tie('block'), { minLength: 2, maxLength: 3 }),
    }),
    fc.record({ kind: fc.constantFrom('foreach' as const, 'loop' as const), body: tie('block') }),
  ),
}));

/** Writes a block so that it leads to `next`; answers with the name of its first step. */
class Writer {
  readonly lines: string[] = [];
  #count = 0;

  write(made: Block, next: string): string {
    switch (made.kind) {
      case 'step':
        return this.#add('s', `this.${next}`);
      case 'chain':
        return made.parts.reduceRight((after, part) => this.write(part, after), next);
      case 'split': {
        const join = this.#add('j', `this.${next}`, 'inputs');
        const heads = made.parts.map((part) => this.#add('b', `this.${this.write(part, join)}`));
        return this.#add('p', heads.map((head) => `this.${head}`).join(', '));
      }
      case 'switch': {
        const merge = this.#add('m', `this.${next}`);
        const cases = made.parts.map((part, index) => `k${index}: this.${this.write(part, merge)}`);
        return this.#add('c', `{ ${cases.join(', ')} }, { condition: this.size }`);
      }
      case 'foreach': {
        const join = this.#add('j', `this.${next}`, 'inputs');
        const item = this.#add('i', `this.${this.write(made.body, join)}`, 'x');
        return this.#add('f', `this.${item}, { foreach: this.xs }`);
      }
      case 'loop': {
        const [head, last] = [this.#name('h'), this.#name('l')];
        const cases = `{ again: this.${head}, done: this.${next} }, { condition: this.size }`;
        this.lines.push(`${last}: ${cases}`);
        this.lines.push(`${head}: this.${this.write(made.body, last)}`);
        return head;
      }
    }
  }

  #add(letter: string, next: string, argument = ''): string {
    const name = this.#name(letter);
    this.lines.push(`${name}(${argument}): ${next}`);
    return name;
  }

  #name(letter: string): string {
    this.#count += 1;
    return `${letter}${this.#count}`;
  }
}

function flowOf(made: Block): string {
  const writer = new Writer();
  const first = writer.write(made, 'end');
  return flowText([`start: this.${first}`, ...writer.lines, 'end']);
}

/** What an edge says of the levels on its two sides. */
function isConsistent({ nodes, edges }: FlowGraph): boolean {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  return edges.every(({ from, to, kind, labels }) => {
    const [a, b] = [byName.get(from)!, byName.get(to)!];
    const outer = kind === 'foreach' ? [...a.levels, { kind: 'foreach', step: from }] : a.levels;
    const inner =
      b.joins === 'frame' ? [...b.levels, { kind: 'foreach', step: b.closes }] : b.levels;
    // Loops are entered at their head and left by cases, also by one that goes back to the head of an
    // outer loop; foreaches only by their join.
    const shared = inner.filter((level) => outer.some((one) => same(one, level)));
    const entered = inner.slice(shared.length);
    const left = outer.slice(shared.length);
    return (
      left.every((level) => level.kind === 'loop' && labels !== undefined) &&
      entered.every((level) => level.kind === 'loop' && 'head' in level && level.head === to)
    );
  });
}

function same(a: object, b: object): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** `d` is a loop of its own, and leaves it for another round of the outer one. */
const LEFT_BACKWARDS = [
  'this.c',
  '{ x: this.b, y: this.d }, { condition: this.size }',
  '{ x: this.d, y: this.c }, { condition: this.size }',
  '{ x: this.end, y: this.e }, { condition: this.size }',
  '{ x: this.d, y: this.c }, { condition: this.size }',
  '{ x: this.a, y: this.d }, { condition: this.size }',
  '',
].map((transition): [string, string] => [transition, '']);

describe('random flows', () => {
  it('have no problems where every split, foreach and loop is closed', () => {
    fc.assert(
      fc.property(block, (made) => {
        const { graph, diagnostics } = parseText(flowOf(made));
        expect(diagnostics).toEqual([]);
        expect(graph?.nodes.at(-1)?.levels).toEqual([]);
        expect(graph !== undefined && isConsistent(graph)).toBe(true);
      }),
    );
  });

  it('never make lint throw, whatever happened to their text', () => {
    const damaged = fc.tuple(block, fc.nat(), fc.nat(12), fc.string({ maxLength: 8 }));
    fc.assert(
      fc.property(damaged, ([made, where, length, put]) => {
        const text = flowOf(made);
        const at = where % text.length;
        const broken = text.slice(0, at) + put + text.slice(at + length);
        const { graph, diagnostics } = parseText(broken);
        expect(graph === undefined).toBe(diagnostics.some(({ severity }) => severity === 'error'));
      }),
    );
  });

  it('never make lint throw where edges lead anywhere', () => {
    const names = ['start', 'a', 'b', 'c', 'd', 'e', 'end'];
    const target = fc.constantFrom(...names).map((name) => `this.${name}`);
    const transition = fc.oneof(
      fc.uniqueArray(target, { minLength: 1, maxLength: 3 }).map((to) => to.join(', ')),
      target.map((to) => `${to}, { foreach: this.xs }`),
      fc.tuple(target, target).map(([x, y]) => `{ x: ${x}, y: ${y} }, { condition: this.size }`),
    );
    const steps = fc.tuple(...names.map(() => fc.tuple(transition, fc.constantFrom('', 'inputs'))));
    fc.assert(
      fc.property(steps, (made) => {
        const lines = made.map(([next, argument], index) => {
          const name = names[index] ?? '';
          const isOuter = name === 'start' || name === 'end';
          return `${name}(${isOuter ? '' : argument})${name === 'end' ? '' : `: ${next}`}`;
        });
        const { graph, diagnostics } = parseText(flowText(lines));
        expect(graph === undefined).toBe(diagnostics.length > 0);
        expect(graph === undefined || isConsistent(graph)).toBe(true);
      }),
      { numRuns: 1000, examples: [[LEFT_BACKWARDS]] },
    );
  });
});
