import { expect, it } from 'vitest';
import { parseFlow } from '../../../src/graph/parse-flow.ts';
import { defineText, flowText, identity } from './shapes.ts';

const COUNT = 2000;

/** A chain: each link splits and joins. */
function diamonds(): string[] {
  const links = Array.from({ length: COUNT }, (_, i) => [
    `s${i}: this.a${i}, this.b${i}`,
    `a${i}: this.j${i}`,
    `b${i}: this.j${i}`,
    `j${i}(inputs): this.${i === COUNT - 1 ? 'end' : `s${i + 1}`}`,
  ]);
  return ['start: this.s0', ...links.flat(), 'end'];
}

/** One split into many branches, one join of them. */
function wide(): string[] {
  const names = Array.from({ length: COUNT }, (_, i) => `a${i}`);
  const targets = names.map((name) => `this.${name}`).join(', ');
  return [
    `start: ${targets}`,
    ...names.map((name) => `${name}: this.j`),
    'j(inputs): this.end',
    'end',
  ];
}

/** Two rails whose rungs all join below one fork. */
function ladder(): string[] {
  const rungs = Array.from({ length: COUNT }, (_, i) => {
    const isLast = i === COUNT - 1;
    return [
      `a${i}: ${isLast ? 'this.j' : `this.a${i + 1}, this.b${i + 1}`}`,
      `b${i}${i === 0 ? '' : '(inputs)'}: ${isLast ? 'this.j' : `this.b${i + 1}`}`,
    ];
  });
  return ['start: this.a0, this.b0', ...rungs.flat(), 'j(inputs): this.end', 'end'];
}

it.each([
  ['2,000 diamonds', diamonds()],
  ['2,000 branches', wide()],
  ['2,000 rungs', ladder()],
])('reads %s in seconds, not minutes, of CPU time', (_, lines) => {
  const text = flowText(lines);
  const definition = defineText(text);
  const options = { locator: identity(text), file: 'flow.js', reservedOptions: [] };
  const begun = process.cpuUsage();
  const { diagnostics } = parseFlow(definition, options);
  const { user, system } = process.cpuUsage(begun);
  expect(diagnostics).toEqual([]);
  // On a busy machine it is below 1 s; in quadratic time it would be 20 s and more.
  expect((user + system) / 1000).toBeLessThan(4_000);
});
