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
  /** Per class, the members with a body. */
  readonly #bodies: readonly ReadonlyMap<string, readonly SourceMember[]>[];
  readonly #known = new Map<SourceStep, StepFields>();

  constructor({ members }: Pick<FlowSource, 'members'>) {
    this.#bodies = members.map(bodiesByName);
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
    const bodies = member === undefined ? [] : this.#usedBy(member);
    const sets = bodies.flatMap(({ facts }) => [...(facts?.sets.keys() ?? [])]);
    const caught = policy.catch === undefined ? [] : [policy.catch.field];
    return {
      sets: new Set([...sets, ...caught].filter((name) => !name.startsWith('#'))),
      reads: readsOf(bodies),
      merges: bodies.some(({ facts }) => facts?.calls.has('mergeArtifacts')),
      escapes: member === undefined || bodies.some((body) => this.#losesThis(body)),
    };
  }

  /** The member itself first. */
  #usedBy(member: SourceMember): readonly SourceMember[] {
    const seen = new Set([member]);
    for (const { facts, classIndex } of seen) {
      if (facts === undefined) continue;
      const { calls, reads, sets } = facts;
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

/** The first body is the step's own. */
function readsOf(bodies: readonly SourceMember[]): ReadonlyMap<string, FieldRead> {
  const reads = new Map<string, FieldRead>();
  for (const body of bodies) {
    const method = body === bodies[0] ? {} : { method: body.name };
    for (const [field, node] of body.facts?.reads ?? []) {
      if (!reads.has(field)) reads.set(field, { place: placeOf(node, body.classIndex), ...method });
    }
  }
  return reads;
}

/** A getter and a setter share their name. */
function bodiesByName(members: readonly SourceMember[]): Map<string, SourceMember[]> {
  const bodies = new Map<string, SourceMember[]>();
  for (const member of members) {
    if (member.facts === undefined) continue;
    const others = bodies.get(member.name);
    if (others === undefined) bodies.set(member.name, [member]);
    else others.push(member);
  }
  return bodies;
}

function isInherited(call: string): boolean {
  const name = call.startsWith(SUPER) ? call.slice(SUPER.length) : call;
  return FLOW_MEMBERS.has(name) || name in Object.prototype;
}
