const UNSIGNED = 0;
const NEGATIVE = 1;
/** Integers beyond 32 bits are written as doubles. */
const MOST = 2 ** 32;

/**
 * Writes a number, a boolean or null as the CBOR library does, without loading it: what small tasks keep
 * is often no more. Undefined for all else, also for numbers that CBOR cannot tell apart (NaN, −0).
 */
export function writePlain(value: unknown): Uint8Array | undefined {
  if (typeof value === 'number') return writeNumber(value);
  if (value === null) return Buffer.of(0xf6);
  if (typeof value === 'boolean') return Buffer.of(value ? 0xf5 : 0xf4);
  return undefined;
}

function writeNumber(value: number): Uint8Array | undefined {
  if (Number.isNaN(value) || Object.is(value, -0)) return undefined;
  const isShort = Number.isInteger(value) && value >= -MOST && value < MOST;
  if (isShort) return value < 0 ? writeHead(NEGATIVE, -1 - value) : writeHead(UNSIGNED, value);
  const bytes = Buffer.allocUnsafe(9);
  bytes[0] = 0xfb;
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

/** A kind and a count of up to 32 bits (RFC 8949 §3). */
function writeHead(major: number, count: number): Uint8Array {
  const kind = major << 5;
  if (count < 24) return Buffer.of(kind | count);
  const size = count < 0x100 ? 1 : count < 0x1_0000 ? 2 : 4;
  const bytes = Buffer.allocUnsafe(1 + size);
  bytes[0] = kind | (24 + Math.log2(size));
  bytes.writeUIntBE(count, 1, size);
  return bytes;
}
