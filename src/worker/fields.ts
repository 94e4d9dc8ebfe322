import type { Awaitable } from '../base/awaitable.ts';
import { freezeDeep } from '../flow/freeze-deep.ts';
import {
  type ArtifactChanges,
  type ArtifactRef,
  type ArtifactTable,
  sameArtifact,
} from '../model/artifact.ts';
import { FlowError } from '../model/errors.ts';
import type { ArtifactIo } from './artifact-io.ts';

/**
 * The fields of a flow instance during one task. Own fields become accessors on the instance itself
 * (a Proxy would break `#private`), so that values load on first read and the task's end knows what
 * was touched. What the constructor made counts only in the flow's first task; later a field is what
 * the task inherits, or absent.
 */
export class Fields {
  readonly #instance: object;
  readonly #options: FieldOptions;
  readonly #slots = new Map<string, Slot>();
  #loadedParameters: Map<string, unknown> | undefined;

  constructor(instance: object, options: FieldOptions) {
    this.#instance = instance;
    this.#options = options;
    this.#takeOwnFields();
    Object.defineProperty(instance, FIELDS, { value: this, configurable: true });
    for (const name of Object.keys(options.parameters)) {
      if (isFree(name, instance)) this.#defineParameter(name);
    }
    for (const name of [...Object.keys(options.artifacts), ...options.ambiguous]) {
      // A name that the class has meanwhile given to a method or getter passes by untouched.
      if (isFree(name, instance)) this.#defineField(name, this.#startSlot(name, undefined));
    }
    this.#defineInspect();
  }

  /** Gives the field a stored value without reading it. */
  inherit(name: string, ref: ArtifactRef): void {
    if (Object.hasOwn(this.#instance, name)) this.#slots.set(name, { kind: 'stored', ref });
    else this.#defineField(name, { kind: 'stored', ref });
  }

  /** True if the step assigned the field a value. */
  isAssigned(name: string): boolean {
    const slot = this.#slotOf(name);
    return slot?.kind === 'assigned' && slot.value !== undefined;
  }

  /** What the task leaves behind that differs from what it started with. */
  collect(): Awaitable<CollectedFields> {
    const collected: Collecting = { changes: [], problems: [] };
    const names = this.#names();
    for (const [at, name] of names.entries()) {
      const pending = this.#collectField(name, collected);
      // One large value after the other.
      if (pending instanceof Promise) {
        return this.#collectRest(pending, names.slice(at + 1), collected);
      }
    }
    return collectedFields(collected);
  }

  async #collectRest(
    pending: Promise<void>,
    names: readonly string[],
    collected: Collecting,
  ): Promise<CollectedFields> {
    await pending;
    for (const name of names) await this.#collectField(name, collected);
    return collectedFields(collected);
  }

  #collectField(name: string, { changes, problems }: Collecting): Awaitable<void> {
    if (!this.#isKept(name)) return;
    const slot = this.#slotOf(name);
    const before = ownRef(this.#options.artifacts, name);
    // Nobody has read or assigned it: most fields of most tasks.
    if (slot?.kind === 'stored' && slot.ref === before) return;
    const add = (kept: ArtifactRef | undefined): void => {
      const change = changeOf(before, kept);
      if (change !== undefined) changes.push([name, change]);
    };
    const refuse = (error: unknown): void => {
      problems.push({ field: name, error });
    };
    try {
      const kept = this.#refOf(name, slot, before);
      return kept instanceof Promise ? kept.then(add).catch(refuse) : add(kept);
    } catch (error) {
      refuse(error);
    }
  }

  /** What the instance has, and what was deleted from it. */
  #names(): readonly string[] {
    const names = Object.keys(this.#instance);
    for (const name of this.#slots.keys()) {
      if (!Object.hasOwn(this.#instance, name)) names.push(name);
    }
    return names;
  }

  #takeOwnFields(): void {
    for (const name of Object.keys(this.#instance)) {
      const property = Object.getOwnPropertyDescriptor(this.#instance, name);
      if (property === undefined || !('value' in property)) continue;
      if (this.#isParameter(name, property.value)) {
        this.#requireOpen(name, property);
        this.#defineParameter(name);
      } else if (this.#isKept(name)) {
        this.#requireOpen(name, property);
        this.#defineField(name, this.#startSlot(name, property.value));
      }
    }
  }

  #requireOpen(name: string, property: PropertyDescriptor): void {
    if (property.configurable === true) return;
    throw new FlowError(`the constructor froze the flow, so its field "${name}" cannot be kept`, {
      code: 'FLOW_FROZEN',
      hint: 'do not freeze or seal `this` in the constructor of a flow',
    });
  }

  #isParameter(name: string, value: unknown): boolean {
    return Object.hasOwn(this.#options.parameters, name) || this.#options.isParameter(value);
  }

  #isKept(name: string): boolean {
    return (
      !name.startsWith('_') &&
      !this.#options.transient.has(name) &&
      !Object.hasOwn(this.#options.parameters, name)
    );
  }

  #startSlot(name: string, initialValue: unknown): Slot {
    const ref = ownRef(this.#options.artifacts, name);
    if (ref !== undefined) return { kind: 'stored', ref };
    if (this.#options.ambiguous.has(name)) return { kind: 'ambiguous' };
    return this.#options.initial ? { kind: 'assigned', value: initialValue } : { kind: 'absent' };
  }

  #defineField(name: string, slot: Slot): void {
    this.#slots.set(name, slot);
    Object.defineProperty(this.#instance, name, Fields.#fieldAccess(name));
  }

  #defineParameter(name: string): void {
    Object.defineProperty(this.#instance, name, Fields.#parameterAccess(name));
  }

  static #fieldAccess(name: string): FieldAccess {
    return accessOf(fieldAccesses, name, () => ({
      get(this: Owner) {
        return this[FIELDS].#read(name);
      },
      set(this: Owner, value: unknown) {
        this[FIELDS].#slots.set(name, { kind: 'assigned', value });
      },
      enumerable: true,
      configurable: true,
    }));
  }

  static #parameterAccess(name: string): FieldAccess {
    return accessOf(parameterAccesses, name, () => ({
      get(this: Owner) {
        return this[FIELDS].#readParameter(name);
      },
      set() {
        throw new FlowError(`the parameter "${name}" was assigned; parameters are read-only`, {
          code: 'PARAMETER_ASSIGNED',
          hint: 'keep what the step computes in a field of its own',
        });
      },
      enumerable: true,
      configurable: false,
    }));
  }

  #readParameter(name: string): unknown {
    this.#loadedParameters ??= new Map();
    if (!this.#loadedParameters.has(name)) {
      this.#loadedParameters.set(name, this.#loadParameter(name));
    }
    return this.#loadedParameters.get(name);
  }

  #loadParameter(name: string): unknown {
    const ref = ownRef(this.#options.parameters, name);
    return ref === undefined ? undefined : freezeDeep(this.#options.io.decode(ref));
  }

  #read(name: string): unknown {
    const slot = this.#slots.get(name) ?? { kind: 'absent' };
    switch (slot.kind) {
      case 'absent':
        return undefined;
      case 'loaded':
      case 'assigned':
        return slot.value;
      case 'stored': {
        const value = this.#options.io.decode(slot.ref);
        this.#slots.set(name, { kind: 'loaded', ref: slot.ref, value });
        return value;
      }
      case 'ambiguous':
        throw new FlowError(
          `the join read "this.${name}", which the steps before it may have set differently`,
          {
            code: 'JOIN_FIELD_AMBIGUOUS',
            hint: `read it from an input (inputs.map((input) => input.${name})), or call this.mergeArtifacts(inputs) first`,
          },
        );
    }
  }

  /** The field as it is now; undefined if it was deleted, or turned into something not ours. */
  #slotOf(name: string): Slot | undefined {
    const property = Object.getOwnPropertyDescriptor(this.#instance, name);
    if (property === undefined) return undefined;
    if ('value' in property) return { kind: 'assigned', value: property.value };
    return property.get === fieldAccesses.get(name)?.get ? this.#slots.get(name) : undefined;
  }

  #refOf(
    name: string,
    slot: Slot | undefined,
    before: ArtifactRef | undefined,
  ): Awaitable<ArtifactRef | undefined> {
    switch (slot?.kind) {
      case 'stored':
        return slot.ref;
      case 'loaded':
        return isMutable(slot.value) ? this.#encode(name, slot.value, slot.ref) : slot.ref;
      case 'assigned':
        return slot.value === undefined ? undefined : this.#encode(name, slot.value, before);
      case 'absent':
      case 'ambiguous':
      case undefined:
        return undefined;
    }
  }

  #encode(name: string, value: unknown, before: ArtifactRef | undefined): Awaitable<ArtifactRef> {
    const root = `this.${name}`;
    return this.#options.io.encode(value, before === undefined ? { root } : { root, before });
  }

  /** Makes `console.log(this)` show values rather than accessors. */
  #defineInspect(): void {
    if (INSPECT in this.#instance) return;
    Object.defineProperty(this.#instance, INSPECT, Fields.#inspectAccess);
  }

  static readonly #inspectAccess = {
    value(
      this: Owner,
      ...[, options, inspect]: readonly [number, object, (value: object, options: object) => string]
    ) {
      return inspect(this[FIELDS].#snapshot(), options);
    },
    enumerable: false,
    configurable: true,
    writable: true,
  };

  #snapshot(): object {
    const copy: object = Object.create(Object.getPrototypeOf(this.#instance));
    for (const name of Object.keys(this.#instance)) {
      const isAmbiguous = this.#slotOf(name)?.kind === 'ambiguous';
      const value: unknown = isAmbiguous ? AMBIGUOUS_TEXT : Reflect.get(this.#instance, name);
      Object.defineProperty(copy, name, { value, enumerable: true });
    }
    return copy;
  }
}

export interface FieldOptions {
  readonly io: ArtifactIo;
  /** What the task inherits. */
  readonly artifacts: ArtifactTable;
  readonly parameters: ArtifactTable;
  /** True in the flow's first task: what the constructor made is recorded. */
  readonly initial: boolean;
  /** Fields that are made anew in every task. */
  readonly transient: ReadonlySet<string>;
  /** Joins: fields that have no one value until the step sets them. */
  readonly ambiguous: ReadonlySet<string>;
  /** True for what `param.*` returns: a parameter may have no value. */
  readonly isParameter: (value: unknown) => boolean;
}

export interface CollectedFields {
  readonly changes: ArtifactChanges;
  /** Fields whose values cannot be kept. */
  readonly problems: readonly FieldProblem[];
}

/** What is known before all fields have been looked at. */
interface Collecting {
  readonly changes: [string, ArtifactRef | null][];
  readonly problems: FieldProblem[];
}

function collectedFields({ changes, problems }: Collecting): CollectedFields {
  return { changes: Object.fromEntries(changes), problems };
}

export interface FieldProblem {
  readonly field: string;
  readonly error: unknown;
}

type Slot =
  | { readonly kind: 'absent' }
  | { readonly kind: 'stored'; readonly ref: ArtifactRef }
  | { readonly kind: 'loaded'; readonly ref: ArtifactRef; readonly value: unknown }
  | { readonly kind: 'assigned'; readonly value: unknown }
  | { readonly kind: 'ambiguous' };

/** Where an instance's accessors find its fields. */
const FIELDS = Symbol('fields');

interface Owner {
  readonly [FIELDS]: Fields;
}

interface FieldAccess extends PropertyDescriptor {
  get(): unknown;
  set(value: unknown): void;
}

/**
 * One pair of functions for each name, whatever the instance: with functions of its own each instance
 * would have a shape of its own, which costs a process of many tasks more than all else.
 */
const fieldAccesses = new Map<string, FieldAccess>();
const parameterAccesses = new Map<string, FieldAccess>();

function accessOf(
  known: Map<string, FieldAccess>,
  name: string,
  make: () => FieldAccess,
): FieldAccess {
  const access = known.get(name) ?? make();
  known.set(name, access);
  return access;
}

const INSPECT = Symbol.for('nodejs.util.inspect.custom');
const AMBIGUOUS_TEXT = Symbol('differs between inputs');

/** Tables are keyed by outside names: `constructor` must not find Object.prototype's. */
function ownRef(table: ArtifactTable, name: string): ArtifactRef | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** `null`: it is gone. Undefined: it is as it was. */
function changeOf(
  before: ArtifactRef | undefined,
  after: ArtifactRef | undefined,
): ArtifactRef | null | undefined {
  if (after === undefined) return before === undefined ? undefined : null;
  return before !== undefined && sameArtifact(before, after) ? undefined : after;
}

/** True if neither the instance nor its classes have a member of that name. */
function isFree(name: string, instance: object): boolean {
  let owner: object | null = instance;
  while (owner !== null && owner !== Object.prototype) {
    if (Object.hasOwn(owner, name)) return false;
    owner = Object.getPrototypeOf(owner);
  }
  return true;
}

function isMutable(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
