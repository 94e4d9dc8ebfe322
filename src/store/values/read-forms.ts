import { FlowError, InternalError } from '../../model/errors.ts';
import { codecByMark } from '../codecs/registry.ts';
import { formParts } from './cbor.ts';
import { completeError, makeError } from './error-form.ts';
import { fromBytes, isByteKind } from './typed-arrays.ts';

/** Puts the values back that forms stand for. Arrays and objects are completed in place. */
export function readForms(value: unknown): unknown {
  return new FormReader().read(value);
}

/** Told of a container before its content is read, so that the content can lead back to it. */
type Announce = (container: object) => void;

class FormReader {
  readonly #shared = new Map<unknown, unknown>();

  read(value: unknown, announce: Announce = ignore): unknown {
    if (typeof value !== 'object' || value === null) return value;
    const parts = formParts(value);
    if (parts !== undefined) return this.#readForm(parts, announce);
    announce(value);
    if (Array.isArray(value)) this.#readItems(value);
    else this.#readFields(value);
    return value;
  }

  #readItems(items: unknown[]): void {
    for (let index = 0; index < items.length; index += 1) items[index] = this.read(items[index]);
  }

  #readFields(fields: object): void {
    for (const [key, value] of Object.entries(fields)) {
      if (typeof value === 'object' && value !== null) Reflect.set(fields, key, this.read(value));
    }
  }

  #readForm(parts: readonly unknown[], announce: Announce): unknown {
    const [name, first, second] = parts;
    switch (name) {
      case 'again':
        return this.#shared.get(first);
      case 'shared':
        return this.#readShared(first, second);
      case 'array':
        return this.#readArray(parts, announce);
      case 'object':
        return this.#readEntries(parts, announce);
      case 'Map':
        return this.#readMap(parts, announce);
      case 'Set':
        return this.#readSet(parts, announce);
      case 'Error':
        return this.#readError(parts, announce);
      case 'codec':
        return readCodec(String(first), this.read(second));
      case 'boxed':
        return Object(this.read(first));
      default:
        return readLeaf(name, first, second);
    }
  }

  #readShared(id: unknown, content: unknown): unknown {
    const value = this.read(content, (container) => this.#shared.set(id, container));
    this.#shared.set(id, value);
    return value;
  }

  #readArray(parts: readonly unknown[], announce: Announce): unknown {
    const items: unknown[] = [];
    items.length = Number(parts[1]);
    announce(items);
    for (let at = 2; at < parts.length; at += 2)
      items[Number(parts[at])] = this.read(parts[at + 1]);
    return items;
  }

  #readEntries(parts: readonly unknown[], announce: Announce): unknown {
    const object: object = Object.create(parts[1] === 'null' ? null : Object.prototype);
    announce(object);
    for (let at = 2; at < parts.length; at += 2) {
      const value = this.read(parts[at + 1]);
      const key = String(this.read(parts[at]));
      Object.defineProperty(object, key, {
        value,
        writable: true,
        configurable: true,
        enumerable: true,
      });
    }
    return object;
  }

  #readMap(parts: readonly unknown[], announce: Announce): unknown {
    const map = new Map<unknown, unknown>();
    announce(map);
    for (let at = 1; at < parts.length; at += 2) {
      const key = this.read(parts[at]);
      map.set(key, this.read(parts[at + 1]));
    }
    return map;
  }

  #readSet(parts: readonly unknown[], announce: Announce): unknown {
    const set = new Set<unknown>();
    announce(set);
    for (const item of parts.slice(1)) set.add(this.read(item));
    return set;
  }

  #readError(parts: readonly unknown[], announce: Announce): unknown {
    const [, className, name, message, links, fields, ...linked] = parts;
    const error = makeError(String(className), String(name), String(message));
    announce(error);
    const ownFields = this.read(fields);
    const names: readonly unknown[] = Array.isArray(links) ? links : [];
    completeError(error, {
      fields: typeof ownFields === 'object' && ownFields !== null ? ownFields : {},
      links: names.map((link, at) => [String(link), this.read(linked[at])]),
    });
    return error;
  }
}

function readLeaf(name: unknown, first: unknown, second: unknown): unknown {
  switch (name) {
    case 'number':
      return Number(first);
    case 'bigint':
      return readBigInt(String(first));
    case 'string':
      return first instanceof Uint8Array ? Buffer.from(first).toString('utf16le') : '';
    case 'Date':
      return new Date(first === null ? Number.NaN : Number(first));
    case 'RegExp':
      return new RegExp(String(first), String(second));
    case 'URL':
      return new URL(String(first));
    case 'bytes':
      return readBytes(String(first), second);
    default:
      throw unknownForm(String(name));
  }
}

function readBigInt(text: string): bigint {
  return text.startsWith('-') ? -BigInt(`0x${text.slice(1)}`) : BigInt(`0x${text}`);
}

function readBytes(kind: string, bytes: unknown): unknown {
  if (!isByteKind(kind)) throw unknownForm(kind);
  const value = bytes instanceof Uint8Array ? fromBytes(kind, bytes) : undefined;
  if (value === undefined) throw new InternalError(`a ${kind} was written with the wrong length`);
  return value;
}

function readCodec(mark: string, data: unknown): unknown {
  const codec = codecByMark(mark);
  if (codec !== undefined) return codec.decode(data);
  throw new FlowError(`The artifact was written with the codec ${mark}, which is not registered.`, {
    code: 'CODEC_MISSING',
    hint: `call registerCodec(${JSON.stringify(mark)}, …) in a module that is loaded before the artifact is read`,
    details: { codec: mark },
  });
}

function unknownForm(name: string): FlowError {
  return new FlowError(`The artifact holds a value of the kind ${name}, which is not known here.`, {
    code: 'STORE_FORMAT_NEWER',
    hint: 'use the newer Millrace that wrote it',
  });
}

function ignore(): void {}
