import type { TypedArrayName } from '../../model/artifact.ts';

/** Everything that is a window on bytes. */
export type ByteView = NodeJS.ArrayBufferView;

interface ViewClass {
  readonly prototype: object;
  readonly BYTES_PER_ELEMENT: number;
  over(buffer: ArrayBuffer): ByteView;
}

const VIEW_CLASSES: { readonly [name in TypedArrayName | 'Buffer']: ViewClass } = {
  Buffer: viewClass(Buffer, (buffer) => Buffer.from(buffer)),
  Int8Array: viewClass(Int8Array, (buffer) => new Int8Array(buffer)),
  Uint8Array: viewClass(Uint8Array, (buffer) => new Uint8Array(buffer)),
  Uint8ClampedArray: viewClass(Uint8ClampedArray, (buffer) => new Uint8ClampedArray(buffer)),
  Int16Array: viewClass(Int16Array, (buffer) => new Int16Array(buffer)),
  Uint16Array: viewClass(Uint16Array, (buffer) => new Uint16Array(buffer)),
  Int32Array: viewClass(Int32Array, (buffer) => new Int32Array(buffer)),
  Uint32Array: viewClass(Uint32Array, (buffer) => new Uint32Array(buffer)),
  Float32Array: viewClass(Float32Array, (buffer) => new Float32Array(buffer)),
  Float64Array: viewClass(Float64Array, (buffer) => new Float64Array(buffer)),
  BigInt64Array: viewClass(BigInt64Array, (buffer) => new BigInt64Array(buffer)),
  BigUint64Array: viewClass(BigUint64Array, (buffer) => new BigUint64Array(buffer)),
  DataView: viewClass(DataView, (buffer) => new DataView(buffer)),
};

export type ByteKind = keyof typeof VIEW_CLASSES | 'ArrayBuffer';

const KIND_BY_PROTOTYPE = new Map<unknown, ByteKind>([
  [ArrayBuffer.prototype, 'ArrayBuffer'],
  ...Object.entries(VIEW_CLASSES).flatMap(([name, { prototype }]): [unknown, ByteKind][] =>
    isByteKind(name) ? [[prototype, name]] : [],
  ),
]);

/**
 * Which kind of bytes the value is, by its very class: an instance of a subclass is none. Nor is a
 * window on shared memory, which could change while it is written.
 */
export function byteKindOf(value: object): ByteKind | undefined {
  if (ArrayBuffer.isView(value) && value.buffer instanceof SharedArrayBuffer) return undefined;
  return KIND_BY_PROTOTYPE.get(Object.getPrototypeOf(value));
}

export function isByteKind(name: string): name is ByteKind {
  return name === 'ArrayBuffer' || Object.hasOwn(VIEW_CLASSES, name);
}

/** The bytes that a view shows or a buffer holds, without a copy. Undefined for anything else. */
export function bytesOf(value: object): Uint8Array | undefined {
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  return value instanceof ArrayBuffer ? new Uint8Array(value) : undefined;
}

/**
 * A value of that kind over an ArrayBuffer of its own, of exactly its size. Takes the buffer of `bytes`
 * itself where it is such a one: the caller gives the bytes away. Undefined if the length does not fit.
 */
export function fromBytes(kind: ByteKind, bytes: Uint8Array): ByteView | ArrayBuffer | undefined {
  const buffer = ownBuffer(bytes);
  if (kind === 'ArrayBuffer') return buffer;
  const view = VIEW_CLASSES[kind];
  return buffer.byteLength % view.BYTES_PER_ELEMENT === 0 ? view.over(buffer) : undefined;
}

function viewClass(
  constructor: { readonly prototype: object; readonly BYTES_PER_ELEMENT?: number },
  over: (buffer: ArrayBuffer) => ByteView,
): ViewClass {
  const { prototype, BYTES_PER_ELEMENT = 1 } = constructor;
  return { prototype, BYTES_PER_ELEMENT, over };
}

/** The ArrayBuffer of the bytes if it holds them and nothing else; otherwise a copy that does. */
function ownBuffer(bytes: Uint8Array): ArrayBuffer {
  const { buffer, byteLength } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) return buffer;
  const copy = new ArrayBuffer(byteLength);
  new Uint8Array(copy).set(bytes);
  return copy;
}
