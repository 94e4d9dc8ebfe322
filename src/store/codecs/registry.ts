import { FlowError } from '../../model/errors.ts';

/**
 * How the instances of one class become data and come back. `encode` gives a value of kinds that
 * artifacts may hold (plain objects, arrays, Maps, typed arrays, …), `decode` gets an equal one. Equal
 * instances must give equal data, or unchanged artifacts look changed.
 */
export interface Codec<T = unknown, D = unknown> {
  /** The class whose direct instances this codec keeps. */
  readonly class: abstract new (
    ...args: never[]
  ) => T;
  /** The data of an instance. */
  encode(value: T): D;
  /** An instance equal to the one whose data it was. */
  decode(data: D): T;
}

interface KnownCodec {
  readonly mark: string;
  readonly prototype: object;
  encode(value: unknown): unknown;
  decode(data: unknown): unknown;
}

interface Registry {
  readonly byMark: Map<string, KnownCodec>;
  readonly byPrototype: Map<object, KnownCodec>;
}

const REGISTRY = Symbol.for('millrace.codecs');

/** One registry for all copies of this package: the flow's bundle and the worker each have their own. */
function registry(): Registry {
  const holder: typeof globalThis & { [REGISTRY]?: Registry } = globalThis;
  holder[REGISTRY] ??= { byMark: new Map(), byPrototype: new Map() };
  return holder[REGISTRY];
}

/**
 * Lets artifacts hold instances of a class. Call it at module level, before the first run of a step.
 *
 * @param mark - The name under which the values are stored, unique in the flow and stable over its
 * versions, e.g. `'geo.Point'`. A later registration under the same mark replaces the earlier one.
 * @param codec - The class and how its instances become data. Subclasses need codecs of their own.
 * @throws FlowError `CODEC_INVALID` if the mark is empty or the class is none.
 *
 * @example
 * ```ts
 * registerCodec('geo.Point', {
 *   class: Point,
 *   encode: (point) => [point.x, point.y],
 *   decode: ([x, y]) => new Point(x, y),
 * });
 * ```
 */
export function registerCodec<T, D>(mark: string, codec: Codec<T, D>): void {
  if (mark === '' || typeof codec.class !== 'function') {
    throw new FlowError(`registerCodec(${JSON.stringify(mark)}, …) needs a name and a class.`, {
      code: 'CODEC_INVALID',
      hint: "write registerCodec('my.Point', { class: Point, encode, decode })",
    });
  }
  const { byMark, byPrototype } = registry();
  const old = byMark.get(mark);
  if (old !== undefined) byPrototype.delete(old.prototype);
  const known = erase(mark, codec);
  byMark.set(mark, known);
  byPrototype.set(known.prototype, known);
}

export function codecOf(value: object): KnownCodec | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  return typeof prototype === 'object' && prototype !== null
    ? registry().byPrototype.get(prototype)
    : undefined;
}

export function codecByMark(mark: string): KnownCodec | undefined {
  return registry().byMark.get(mark);
}

function erase<T, D>(mark: string, codec: Codec<T, D>): KnownCodec {
  const prototype: unknown = codec.class.prototype;
  if (typeof prototype !== 'object' || prototype === null) {
    throw new FlowError(`The class of codec ${mark} has no prototype.`, { code: 'CODEC_INVALID' });
  }
  // The two look-ups see to it that each method meets only its own class and its own data.
  const methods: Pick<KnownCodec, 'encode' | 'decode'> = codec;
  return {
    mark,
    prototype,
    encode: (value) => methods.encode(value),
    decode: (data) => methods.decode(data),
  };
}
