import { FlowError } from '../../model/errors.ts';
import type { Form } from './form.ts';
import { describeEntries, describeObject, describeSparse } from './forms.ts';
import { type PathPart, pathText } from './path.ts';
import { isBrokenText } from './text.ts';

/** What one walk over a value finds out before anything is written. */
export interface Survey {
  /** False: the value can be written as it stands. */
  readonly rich: boolean;
  /** Objects that are met more than once. */
  readonly shared: ReadonlySet<object>;
  /** The form of each object that needs one. Asked once: a codec may answer with fresh objects. */
  readonly forms: ReadonlyMap<object, Form>;
}

/**
 * Walks a value in the order in which it is written. Throws FlowError `ARTIFACT_NOT_KEEPABLE` that
 * names the path of what cannot be kept, `root` being the name of the whole.
 */
export function survey(value: unknown, root: string): Survey {
  const surveyor = new Surveyor();
  surveyor.visit(value, { text: root });
  return surveyor;
}

class Surveyor implements Survey {
  rich = false;
  readonly shared = new Set<object>();
  readonly forms = new Map<object, Form>();
  readonly #seen = new Set<object>();
  /** A codec makes its instance after its data: a way back into it would lead nowhere. */
  readonly #openCodecs = new Set<object>();
  readonly #path: PathPart[] = [];

  visit(value: unknown, part: PathPart): void {
    switch (typeof value) {
      case 'object':
        if (value !== null) this.#visitObject(value, part);
        return;
      case 'string':
        this.rich ||= isBrokenText(value);
        return;
      case 'number':
        this.rich ||= Number.isNaN(value) || Object.is(value, -0);
        return;
      case 'bigint':
        this.rich = true;
        return;
      case 'function':
      case 'symbol':
        throw this.#notKeepable(part, `is a ${typeof value}`);
      case 'boolean':
      case 'undefined':
    }
  }

  #visitObject(value: object, part: PathPart): void {
    if (this.#seen.has(value)) {
      if (this.#openCodecs.has(value)) throw this.#notKeepable(part, 'leads back into its codec');
      this.shared.add(value);
      this.rich = true;
      return;
    }
    this.#seen.add(value);
    this.#path.push(part);
    if (isDenseArray(value)) {
      for (let index = 0; index < value.length; index += 1) this.visit(value[index], index);
    } else if (isPlainRecord(value)) {
      for (const key of Object.keys(value)) this.visit(value[key], key);
    } else {
      this.#visitForm(value);
    }
    this.#path.pop();
  }

  #visitForm(value: object): void {
    const form = formOf(value);
    if (form === undefined) throw this.#notKeepable({ text: '' }, reasonAgainst(value));
    this.rich = true;
    this.forms.set(value, form);
    const isCodec = form.name === 'codec';
    if (isCodec) this.#openCodecs.add(value);
    form.inner.forEach((item, at) => {
      this.visit(item, () => form.label(at));
    });
    if (isCodec) this.#openCodecs.delete(value);
  }

  #notKeepable(part: PathPart, problem: string): FlowError {
    const where = pathText([...this.#path, part]);
    return new FlowError(`${where} ${problem}, so it cannot be kept as an artifact.`, {
      code: 'ARTIFACT_NOT_KEEPABLE',
      hint: 'keep plain data there, give its class a codec with registerCodec(), or mark the field @transient',
      details: { path: where },
    });
  }
}

function formOf(value: object): Form | undefined {
  if (Array.isArray(value)) return isArrayClass(value) ? describeSparse(value) : undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return describeEntries(value);
  return describeObject(value);
}

function isArrayClass(value: object): boolean {
  return Object.getPrototypeOf(value) === Array.prototype;
}

function isDenseArray(value: object): value is readonly unknown[] {
  return Array.isArray(value) && isArrayClass(value) && !hasHole(value);
}

function hasHole(items: readonly unknown[]): boolean {
  for (let index = 0; index < items.length; index += 1) {
    if (items[index] === undefined && !(index in items)) return true;
  }
  return false;
}

/** Keys that a CBOR map carries as they are. */
function isPlainRecord(value: object): value is { readonly [key: string]: unknown } {
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  for (const key of Object.keys(value)) {
    if (key === '__proto__' || isBrokenText(key)) return false;
  }
  return true;
}

function reasonAgainst(value: object): string {
  if (value instanceof Promise) return 'is a Promise (is an await missing?)';
  if (ArrayBuffer.isView(value) && value.buffer instanceof SharedArrayBuffer) {
    return 'shares its memory with other threads';
  }
  const { constructor } = value;
  const name = typeof constructor === 'function' ? constructor.name : '';
  return name === '' ? 'is an object of a class without a name' : `is an instance of ${name}`;
}
