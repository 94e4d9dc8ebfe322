import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ArtifactChanges, ArtifactRef } from '../../../src/model/artifact.ts';
import type { Hash } from '../../../src/model/ids.ts';
import {
  type ArtifactScope,
  EMPTY_SCOPE,
  extendScope,
  flatten,
  joinScope,
  lookup,
} from '../../../src/model/lineage.ts';

const NAMES = ['a', 'b', 'c', '__proto__', 'constructor'];

const ref = (hash: number | string): ArtifactRef => ({
  hash: String(hash) as Hash,
  size: 1,
  encoding: 'cbor',
});

function changesOf(entries: readonly (readonly [string, number | null])[]): ArtifactChanges {
  const changes = Object.create(null) as { [name: string]: ArtifactRef | null };
  for (const [name, hash] of entries) changes[name] = hash === null ? null : ref(hash);
  return changes;
}

const anyChanges = fc
  .array(
    fc.tuple(fc.constantFrom(...NAMES), fc.option(fc.integer({ min: 0, max: 2 }), { nil: null })),
    { maxLength: 4 },
  )
  .map(changesOf);
const anySteps = fc.array(anyChanges, { maxLength: 5 });

/** The naive model: one flat map per task, copied in full. */
type Flat = ReadonlyMap<string, string>;
function applied(flat: Flat, changes: ArtifactChanges): Flat {
  const next = new Map(flat);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) next.delete(name);
    else next.set(name, value.hash);
  }
  return next;
}
const flatOf = (scope: ArtifactScope): Flat =>
  new Map(Object.entries(flatten(scope)).map(([name, { hash }]) => [name, hash]));
const extended = (scope: ArtifactScope, steps: readonly ArtifactChanges[]) =>
  steps.reduce(extendScope, scope);
const sorted = (flat: Flat) => [...flat].toSorted(([a], [b]) => (a < b ? -1 : 1));

describe('the lineage of artifacts', () => {
  it('shows what a flat copy per task would show', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const scope = extended(EMPTY_SCOPE, steps);
        const flat = steps.reduce(applied, new Map() as Flat);
        expect(sorted(flatOf(scope))).toEqual(sorted(flat));
        for (const name of NAMES) expect(lookup(scope, name)?.hash).toBe(flat.get(name));
      }),
    );
  });

  it('gives a join the fields of its fork that no input changed, and only these', () => {
    fc.assert(
      fc.property(anySteps, fc.array(anySteps, { maxLength: 4 }), (before, branches) => {
        const fork = extended(EMPTY_SCOPE, before);
        const forkFlat = flatOf(fork);
        const inputs = branches.map((steps) => extended(fork, steps));
        const flats = inputs.map(flatOf);
        const isUnchanged = (name: string) =>
          flats.every((flat) => flat.get(name) === forkFlat.get(name));
        const { scope, changedPerInput, dropped } = joinScope(fork, inputs);
        expect(sorted(flatOf(scope))).toEqual(
          sorted(new Map([...forkFlat].filter(([name]) => isUnchanged(name)))),
        );
        expect(dropped.toSorted()).toEqual(NAMES.filter((name) => !isUnchanged(name)).toSorted());
        changedPerInput.forEach((changes, index) => {
          expect(sorted(applied(forkFlat, changes))).toEqual(sorted(flats[index]!));
        });
      }),
    );
  });

  it('joins joins: what an inner join dropped is changed for the outer one', () => {
    const fork = extended(EMPTY_SCOPE, [
      changesOf([
        ['a', 1],
        ['b', 1],
      ]),
    ]);
    const innerFork = extendScope(fork, changesOf([['c', 1]]));
    const inner = joinScope(innerFork, [extendScope(innerFork, changesOf([['a', 2]])), innerFork]);
    const outer = joinScope(fork, [inner.scope, fork]);
    expect(outer.dropped.toSorted()).toEqual(['a', 'c']);
    expect({ ...outer.changedPerInput[0] }).toEqual({ c: ref(1), a: null });
    expect({ ...flatten(outer.scope) }).toEqual({ b: ref(1) });
  });

  it('keeps all the fields of the fork when a foreach had no items', () => {
    const fork = extendScope(EMPTY_SCOPE, changesOf([['a', 1]]));
    expect(joinScope(fork, []).scope).toBe(fork);
  });

  it('adds no object for a task that changed nothing', () => {
    const scope = extendScope(EMPTY_SCOPE, changesOf([['a', 1]]));
    expect(extendScope(scope, {})).toBe(scope);
  });

  it('counts a field that was set back to what the fork had as unchanged', () => {
    const fork = extendScope(EMPTY_SCOPE, changesOf([['a', 1]]));
    const input = extended(fork, [changesOf([['a', 2]]), changesOf([['a', 1]])]);
    expect(joinScope(fork, [input])).toEqual({ scope: fork, changedPerInput: [{}], dropped: [] });
  });

  it('does not walk above the fork: the cost of a join is that of the changes since', () => {
    const fork: ArtifactScope = {
      own: {},
      get parent(): ArtifactScope {
        throw new Error('walked above the fork');
      },
    };
    expect(joinScope(fork, [fork, fork]).dropped).toEqual([]);
  });
});
