import { InternalError } from '../../model/errors.ts';
import { makeForm } from './cbor.ts';
import type { Form } from './form.ts';
import { describeBigInt, describeBrokenText, describeNumber } from './forms.ts';
import type { Survey } from './survey.ts';
import { isBrokenText } from './text.ts';

/** A copy of the value in which everything that CBOR has no word for is a form. */
export function writeForms(value: unknown, found: Survey): unknown {
  return new FormWriter(found).write(value);
}

class FormWriter {
  readonly #survey: Survey;
  /** Shared objects in the order in which they are met, so that equal values get equal ids. */
  readonly #ids = new Map<object, number>();

  constructor(found: Survey) {
    this.#survey = found;
  }

  write(value: unknown): unknown {
    switch (typeof value) {
      case 'object':
        return value === null ? null : this.#writeObject(value);
      case 'string':
        return isBrokenText(value) ? this.#form(describeBrokenText(value)) : value;
      case 'number':
        return Number.isNaN(value) || Object.is(value, -0)
          ? this.#form(describeNumber(value))
          : value;
      case 'bigint':
        return this.#form(describeBigInt(value));
      case 'boolean':
      case 'undefined':
        return value;
      case 'function':
      case 'symbol':
        throw new InternalError(`a ${typeof value} got past the survey`);
    }
  }

  #writeObject(value: object): unknown {
    if (!this.#survey.shared.has(value)) return this.#writeContent(value);
    const known = this.#ids.get(value);
    if (known !== undefined) return makeForm(['again', known]);
    const id = this.#ids.size;
    this.#ids.set(value, id);
    return makeForm(['shared', id, this.#writeContent(value)]);
  }

  #writeContent(value: object): unknown {
    const form = this.#survey.forms.get(value);
    if (form !== undefined) return this.#form(form);
    if (Array.isArray(value)) return value.map((item) => this.write(item));
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.write(item)]));
  }

  #form({ name, raw, inner }: Form): unknown {
    const parts: unknown[] = [name, ...raw];
    for (const item of inner) parts.push(this.write(item));
    return makeForm(parts);
  }
}
