import { FLOW_MEMBERS } from '../../model/flow-members.ts';
import {
  type FlowSource,
  type Place,
  placeOf,
  type SourceMember,
  type SourceStep,
} from '../source/flow-source.ts';

/** What a step does to fields, its own text and that of the methods it uses taken together. */
export interface StepFields {
  readonly sets: ReadonlySet<string>;
  /** Reads that need a value, by name. */
  readonly reads: ReadonlyMap<string, FieldRead>;
  readonly merges: boolean;
  /** The text does not show everything that the step may set. */
  readonly escapes: boolean;
}

export interface FieldRead {
  readonly place: Place;
  /** The method that reads, where it is not the step's own. */
  readonly method?: string;
}

/** Follows steps into the methods, getters and setters that they use. */
export class FieldUse {
  readonly #source: FlowSource;
  /** Per class, the members with a body. */
  readonly #bodies: readonly ReadonlyMap<string, readonly SourceMember[]>[];
  readonly #known = new Map<SourceStep, StepFields>();

  constructor(source: FlowSource) {
    this.#source = source;
    this.#bodies = source.members.map((list) =>
      Map.groupBy(
        list.filter(({ facts }) => facts !== undefined),
        ({ name }) => name,
      ),
    );
  }

  of(step: SourceStep): StepFields {
    let known = this.#known.get(step);
    if (known === undefined) {
      known = this.#collect(step);
      this.#known.set(step, known);
    }
    return known;
  }

  #collect({ member, definition: { policy } }: SourceStep): StepFields {
    const sets = new Set<string>();
    const reads = new Map<string, FieldRead>();
    const bodies = member === undefined ? [] : this.#usedBy(member);
    for (const { facts, name, classIndex } of bodies) {
      for (const field of facts?.sets.keys() ?? []) sets.add(field);
      for (const [field, node] of facts?.reads ?? []) {
        const place = placeOf(node, classIndex);
        if (reads.has(field)) continue;
        reads.set(field, name === member?.name ? { place } : { place, method: name });
      }
    }
    if (policy.catch !== undefined) sets.add(policy.catch.field);
    return {
      sets: new Set([...sets].filter((name) => !name.startsWith('#'))),
      reads,
      merges: bodies.some(({ facts }) => facts?.calls.has('mergeArtifacts')),
      escapes: member === undefined || bodies.some((body) => this.#losesThis(body)),
    };
  }

  /** The member itself first. */
  #usedBy(member: SourceMember): readonly SourceMember[] {
    const seen = new Set([member]);
    for (const { facts, classIndex } of seen) {
      const { calls = [], reads = NOTHING, sets = NOTHING } = facts ?? {};
      for (const name of [...calls, ...reads.keys(), ...sets.keys()]) {
        for (const used of this.#find(name, classIndex)) seen.add(used);
      }
    }
    return [...seen];
  }

  #losesThis({ facts, classIndex }: SourceMember): boolean {
    if (facts === undefined || facts.escapes) return true;
    // A function in a field could do anything.
    return [...facts.calls].some(
      (call) => !isInherited(call) && this.#find(call, classIndex).length === 0,
    );
  }

  #find(name: string, classIndex: number): readonly SourceMember[] {
    if (name.startsWith('#')) return this.#bodies[classIndex]?.get(name) ?? [];
    const isSuper = name.startsWith(SUPER);
    const owners = isSuper ? this.#bodies.slice(classIndex + 1) : this.#bodies;
    const wanted = isSuper ? name.slice(SUPER.length) : name;
    return owners.find((bodies) => bodies.has(wanted))?.get(wanted) ?? [];
  }
}

const SUPER = 'super.';
const NOTHING: ReadonlyMap<string, never> = new Map();

function isInherited(call: string): boolean {
  const name = call.startsWith(SUPER) ? call.slice(SUPER.length) : call;
  return FLOW_MEMBERS.has(name) || name in Object.prototype;
}
