import type { ArtifactRef, ArtifactTable } from '../model/artifact.ts';
import { FlowError } from '../model/errors.ts';
import type { JoinInput, JoinInputs } from '../model/task.ts';
import type { ArtifactIo } from './artifact-io.ts';

/**
 * What a join gets: an array of views, one per input, in order. A view shows every field that its
 * task could see and loads a value when it is read. Views are made by the thousand, so each is one
 * small Proxy and not an object with an accessor per field. (A flow instance never is a Proxy; a view
 * has no methods and no private fields that one could break.)
 */
export function openInputs(join: JoinInputs, options: InputOptions): readonly object[] {
  const { io, parameters } = options;
  const { base } = join;
  const values = new ValueCache(io);
  const views: object[] = join.items.map((input) => {
    const fields = { io, parameters, input, base, values };
    const view = new Proxy(Object.create(VIEW_PROTOTYPE), new InputView(fields));
    SOURCES.set(view, input);
    return view;
  });
  for (const [step, index] of findUniqueSteps(join.items)) {
    if (step in views) continue;
    Object.defineProperty(views, step, { value: views[index], enumerable: false });
  }
  return Object.freeze(views);
}

/** The input behind a view; undefined for anything else. */
export function inputOf(view: unknown): JoinInput | undefined {
  return typeof view === 'object' && view !== null ? SOURCES.get(view) : undefined;
}

/** Fields of a join that have no one value: what an input set, or could have set. */
export function ambiguousFields(join: JoinInputs): ReadonlySet<string> {
  const names = new Set(join.couldSet);
  for (const input of join.items) {
    for (const name of Object.keys(input.changes)) names.add(name);
  }
  return names;
}

export interface InputOptions {
  readonly io: ArtifactIo;
  readonly parameters: ArtifactTable;
}

const SOURCES = new WeakMap<object, JoinInput>();

type Inspect = (value: object, options: object) => string;

/** Shown by `console.log(inputs)`: the proxy's target has no fields of its own. */
const VIEW_PROTOTYPE: object = Object.create(null, {
  [Symbol.for('nodejs.util.inspect.custom')]: {
    value(this: object, ...[, options, inspect]: readonly [number, object, Inspect]) {
      return inspect({ ...this }, options);
    },
  },
});

interface ViewFields extends InputOptions {
  readonly input: JoinInput;
  readonly base: ArtifactTable;
  readonly values: ValueCache;
}

class InputView implements ProxyHandler<object> {
  readonly #fields: ViewFields;

  constructor(fields: ViewFields) {
    this.#fields = fields;
  }

  get(target: object, name: string | symbol): unknown {
    if (typeof name === 'symbol') return Reflect.get(target, name);
    const ref = this.#refOf(name);
    if (ref !== undefined) return this.#fields.values.read(ref);
    return name === 'index' ? indexOf(this.#fields.input) : undefined;
  }

  has(target: object, name: string | symbol): boolean {
    return typeof name === 'symbol' ? name in target : this.#refOf(name) !== undefined;
  }

  ownKeys(): string[] {
    const { base, input, parameters } = this.#fields;
    const names = [...Object.keys(parameters), ...Object.keys(base), ...Object.keys(input.changes)];
    return [...new Set(names)].filter((name) => this.#refOf(name) !== undefined);
  }

  getOwnPropertyDescriptor(_target: object, name: string | symbol): PropertyDescriptor | undefined {
    if (typeof name === 'symbol') return undefined;
    const ref = this.#refOf(name);
    if (ref === undefined) return undefined;
    return { get: () => this.#fields.values.read(ref), enumerable: true, configurable: true };
  }

  set(_target: object, name: string | symbol): boolean {
    throw readOnly(name);
  }

  defineProperty(_target: object, name: string | symbol): boolean {
    throw readOnly(name);
  }

  deleteProperty(_target: object, name: string | symbol): boolean {
    throw readOnly(name);
  }

  #refOf(name: string): ArtifactRef | undefined {
    const { base, input, parameters } = this.#fields;
    if (Object.hasOwn(input.changes, name)) return input.changes[name] ?? undefined;
    if (Object.hasOwn(base, name)) return base[name];
    return Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  }
}

function readOnly(name: string | symbol): FlowError {
  return new FlowError(`the input's field "${String(name)}" was assigned; inputs are read-only`, {
    code: 'INPUT_ASSIGNED',
    hint: 'assign to `this` instead; what an earlier task left behind does not change',
  });
}

/**
 * Values that were read, so that `input.rows` in a loop loads once, yet a join over ten thousand
 * large inputs does not hold all of them: what was read longest ago goes first.
 */
class ValueCache {
  readonly #io: ArtifactIo;
  readonly #values = new Map<ArtifactRef, unknown>();
  #heldBytes = 0;

  constructor(io: ArtifactIo) {
    this.#io = io;
  }

  read(ref: ArtifactRef): unknown {
    if (this.#values.has(ref)) return this.#values.get(ref);
    const value = this.#io.decode(ref);
    this.#values.set(ref, value);
    this.#heldBytes += ref.size;
    for (const oldest of this.#values.keys()) {
      if (this.#heldBytes <= CACHE_LIMIT_BYTES || oldest === ref) break;
      this.#values.delete(oldest);
      this.#heldBytes -= oldest.size;
    }
    return value;
  }
}

const CACHE_LIMIT_BYTES = 64 * 1024 * 1024;

function findUniqueSteps(items: readonly JoinInput[]): Map<string, number> {
  const found = new Map<string, number>();
  const repeated = new Set<string>();
  items.forEach(({ step }, index) => {
    if (found.has(step)) repeated.add(step);
    found.set(step, index);
  });
  for (const step of repeated) found.delete(step);
  return found;
}

/** The index of the input in the foreach that the join closes. */
function indexOf(input: JoinInput): number | undefined {
  const level = input.position.split('.').at(-1) ?? '';
  return level.startsWith('r') ? undefined : Number(level);
}
