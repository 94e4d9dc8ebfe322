import type { AnyNode } from 'acorn';
import type { FlowSource, SourceMember, SourceStep } from '../source/flow-source.ts';

/** What a step does to fields, its own text and that of the methods it calls taken together. */
export interface StepFields {
  readonly sets: ReadonlySet<string>;
  /** Reads in the step's own text. */
  readonly reads: ReadonlyMap<string, AnyNode>;
  readonly merges: boolean;
  readonly escapes: boolean;
}

export class FieldUse {
  readonly #methods = new Map<string, SourceMember>();
  readonly #baseMethods: ReadonlyMap<string, SourceMember>[];
  readonly #known = new Map<SourceStep, StepFields>();

  constructor({ members }: FlowSource) {
    this.#baseMethods = members.map(
      (list) => new Map(list.filter(({ facts }) => facts !== undefined).map((m) => [m.name, m])),
    );
    for (const methods of this.#baseMethods) {
      for (const [name, member] of methods) {
        if (!this.#methods.has(name)) this.#methods.set(name, member);
      }
    }
  }

  setsOf(step: SourceStep): string[] {
    return [...this.of(step).sets];
  }

  of(step: SourceStep): StepFields {
    let known = this.#known.get(step);
    if (known === undefined) {
      known = this.#collect(step);
      this.#known.set(step, known);
    }
    return known;
  }

  #collect({ member }: SourceStep): StepFields {
    const sets = new Set<string>();
    const seen = new Set<SourceMember>();
    let merges = false;
    let escapes = member === undefined;
    const open = member === undefined ? [] : [member];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (seen.has(at)) continue;
      seen.add(at);
      for (const name of at.facts?.sets.keys() ?? []) if (!name.startsWith('#')) sets.add(name);
      escapes ||= at.facts?.escapes === true;
      for (const call of at.facts?.calls ?? []) {
        merges ||= call === 'mergeArtifacts';
        const called = this.#find(call, at.classIndex);
        if (called !== undefined) open.push(called);
        // A function in a field could do anything.
        else if (call.startsWith('#')) escapes = true;
      }
    }
    return { sets, reads: member?.facts?.reads ?? new Map(), merges, escapes };
  }

  #find(call: string, classIndex: number): SourceMember | undefined {
    if (!call.startsWith('super.')) return this.#methods.get(call);
    const name = call.slice('super.'.length);
    for (const methods of this.#baseMethods.slice(classIndex + 1)) {
      const found = methods.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
