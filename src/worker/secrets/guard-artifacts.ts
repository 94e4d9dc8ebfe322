import { Redaction } from '../../base/redaction.ts';
import { FlowError } from '../../model/errors.ts';
import type { HiddenValues } from '../../store/hidden-values.ts';
import { type PathStep, pathText } from '../../store/values/path.ts';

/** Keeps these texts out of the store: whatever an artifact is encoded as, its bytes are looked at. */
export function guardArtifacts(texts: readonly string[]): HiddenValues {
  const redaction = new Redaction(texts);
  return {
    refuse(bytes, value, root) {
      if (!redaction.isIn(bytes)) return;
      const path = findIn(value, { redaction, path: [], seen: new Set() });
      throw secretFound(`${root}${path === undefined ? '' : pathText(path)}`);
    },
    async *refuseStream(chunks, name) {
      let held: Uint8Array = new Uint8Array();
      for await (const chunk of chunks) {
        const joined = Buffer.concat([held, chunk]);
        if (redaction.isIn(joined)) throw secretFound(name);
        held = redaction.split(joined).held;
        yield chunk;
      }
    },
  };
}

interface Search {
  readonly redaction: Redaction;
  readonly path: readonly PathStep[];
  readonly seen: Set<object>;
}

/** Where in the value a hidden text is; undefined where only its encoding shows it. */
function findIn(value: unknown, search: Search): readonly PathStep[] | undefined {
  const { redaction, path, seen } = search;
  if (typeof value === 'string') return redaction.isIn(Buffer.from(value)) ? path : undefined;
  if (typeof value !== 'object' || value === null || seen.has(value)) return undefined;
  seen.add(value);
  for (const [step, item] of stepsInto(value)) {
    const found = findIn(item, { ...search, path: [...path, step] });
    if (found !== undefined) return found;
  }
  return undefined;
}

function* stepsInto(value: object): Generator<readonly [PathStep, unknown]> {
  if (ArrayBuffer.isView(value)) return;
  if (value instanceof Map) {
    for (const [key, item] of value) {
      yield [{ text: ' (a key)' }, key];
      yield [{ text: `.get(${typeof key === 'string' ? JSON.stringify(key) : '…'})` }, item];
    }
  } else if (value instanceof Set) {
    for (const item of value) yield [{ text: ' (an item)' }, item];
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield [index, item];
  } else {
    for (const key of Object.getOwnPropertyNames(value)) {
      yield [{ text: ' (a key)' }, key];
      yield [key, Reflect.get(value, key)];
    }
  }
}

function secretFound(where: string): FlowError {
  return new FlowError(`${where} holds a secret, which no artifact may`, {
    code: 'SECRET_IN_ARTIFACT',
    hint: 'keep what came of it instead, or mark the field @transient; every step can read the secret itself',
  });
}
