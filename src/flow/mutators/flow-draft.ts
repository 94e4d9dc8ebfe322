import { createHash } from 'node:crypto';
import type { Json } from '../../base/json.ts';
import { stableJson } from '../../base/stable-json.ts';
import type { DefinitionProblem } from '../../model/definition.ts';
import { describeParameter } from '../parameters/describe.ts';
import { isParameter, type Parameter } from '../parameters/parameter.ts';
import type { PolicyPart } from '../step-mark.ts';
import type { Mutation } from './mutation.ts';

export interface FlowToMutate {
  readonly name: string;
  /** By step: its decorators, the outermost first. */
  readonly parts: ReadonlyMap<string, readonly PolicyPart[]>;
  /** What the fields of a fresh instance hold; called only where it matters. */
  readonly readFields: () => ReadonlyMap<string, unknown>;
  /** Of the methods and accessors of its classes. */
  readonly hasMember: (name: string) => boolean;
}

type Complaint = Pick<DefinitionProblem, 'message' | 'hint'> & { readonly code?: string };

/** A flow as the mutators so far have left it, with a record of what they did. */
export class FlowDraft {
  readonly name: string;
  readonly #flow: FlowToMutate;
  readonly #parts: Map<string, readonly PolicyPart[]>;
  readonly #added = new Map<string, Parameter>();
  readonly #removed = new Set<string>();
  readonly #problems: DefinitionProblem[] = [];
  readonly #done = new Map<string, Json[]>();
  #fields: ReadonlyMap<string, unknown> | undefined;

  constructor(flow: FlowToMutate) {
    this.name = flow.name;
    this.#flow = flow;
    this.#parts = new Map(flow.parts);
  }

  get steps(): readonly string[] {
    return [...this.#parts.keys()];
  }

  get parameters(): readonly string[] {
    const declared = [...this.#ownFields()].flatMap(([name, value]) =>
      isParameter(value) && !this.#removed.has(name) ? [name] : [],
    );
    return [...declared, ...this.#added.keys()];
  }

  hasStep(name: string): boolean {
    return this.#parts.has(name);
  }

  /** None for a step that is not there. */
  partsOf(step: string): readonly PolicyPart[] {
    return this.#parts.get(step) ?? [];
  }

  /** Why no parameter can have that name; undefined if one can. */
  refusalOf(name: unknown): string | undefined {
    if (typeof name !== 'string' || !/^\p{L}[\p{L}\p{N}_]*$/u.test(name)) return 'is no name';
    if (this.parameters.includes(name)) return 'is there already';
    if (this.#flow.hasMember(name)) return 'is a method or an accessor of the flow';
    const field = this.#removed.has(name) ? undefined : this.#ownFields().get(name);
    return field === undefined ? undefined : 'is a field that has a value';
  }

  addPart(step: string, part: PolicyPart, place: 'outside' | 'inside'): void {
    const parts = this.partsOf(step);
    this.#parts.set(step, place === 'inside' ? [...parts, part] : [part, ...parts]);
    const { text, policy, wrapper } = part;
    this.#record(`the step "${step}"`, [place, text, jsonOf(policy), jsonOf(wrapper?.options)]);
  }

  removeParts(step: string, decorator: string): boolean {
    const parts = this.partsOf(step);
    const kept = parts.filter((part) => part.decorator !== decorator);
    if (kept.length === parts.length) return false;
    this.#parts.set(step, kept);
    this.#record(`the step "${step}"`, ['removed', decorator]);
    return true;
  }

  addParameter(name: string, parameter: Parameter): void {
    this.#added.set(name, parameter);
    this.#record(`the parameter "${name}"`, ['added', jsonOf(describeParameter(name, parameter))]);
  }

  removeParameter(name: string): void {
    this.#added.delete(name);
    if (isParameter(this.#ownFields().get(name))) this.#removed.add(name);
    this.#record(`the parameter "${name}"`, ['removed']);
  }

  /** At the class that the mutator stands on. */
  complain(classIndex: number, { code = 'bad-mutator', message, hint }: Complaint): void {
    this.#problems.push({ code, message, ...(hint === undefined ? {} : { hint }), classIndex });
  }

  finish(): Mutation {
    return {
      parts: this.#parts,
      addedParameters: this.#added,
      removedParameters: this.#removed,
      problems: this.#problems,
      digests: Object.fromEntries([...this.#done].map(([what, done]) => [what, digestOf(done)])),
    };
  }

  #ownFields(): ReadonlyMap<string, unknown> {
    this.#fields ??= this.#flow.readFields();
    return this.#fields;
  }

  #record(changed: string, done: Json): void {
    const before = this.#done.get(changed);
    if (before === undefined) this.#done.set(changed, [done]);
    else before.push(done);
  }
}

/** Long enough to tell two outcomes apart; there is one for each step that was changed. */
const DIGEST_LENGTH = 16;

function digestOf(done: Json): string {
  return createHash('sha256').update(stableJson(done)).digest('hex').slice(0, DIGEST_LENGTH);
}

/** As far as JSON can say it: options may be anything. */
function jsonOf(value: unknown): Json {
  try {
    return JSON.parse(JSON.stringify(value) ?? 'null');
  } catch {
    return null;
  }
}
