import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FleetingMap, FleetingSet } from '../../../src/base/fleeting.ts';

const changes = fc.array(
  fc.record({
    name: fc.constantFrom('a/0', 'b/1', '__proto__', 'constructor', 'c.0/r1', ''),
    isGone: fc.boolean(),
  }),
);

describe('FleetingMap', () => {
  it('has what a Map would have, in the same order', () => {
    fc.assert(
      fc.property(changes, (steps) => {
        const [map, fleeting] = [new Map<string, number>(), new FleetingMap<string, number>()];
        for (const [at, { name, isGone }] of steps.entries()) {
          for (const one of [map, fleeting]) {
            if (isGone) one.delete(name);
            else one.set(name, at);
          }
          expect(fleeting.get(name)).toBe(map.get(name));
        }
        expect(fleeting.values()).toEqual([...map.values()]);
      }),
    );
  });
});

describe('FleetingSet', () => {
  it('has what a Set would have, in the same order', () => {
    fc.assert(
      fc.property(changes, (steps) => {
        const [set, fleeting] = [new Set<string>(), new FleetingSet<string>()];
        for (const { name, isGone } of steps) {
          for (const one of [set, fleeting]) {
            if (isGone) one.delete(name);
            else one.add(name);
          }
          expect(fleeting.has(name)).toBe(set.has(name));
        }
        expect([...fleeting]).toEqual([...set]);
        expect(fleeting.size).toBe(set.size);
      }),
    );
  });
});
