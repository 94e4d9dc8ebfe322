/**
 * CRC-32 (IEEE 802.3, as in zip and gzip), four bytes at a time (Intel's "slicing by 4"). Node has one, too,
 * in `node:zlib`, which takes every command longer to load than it saves.
 */
const [T0, T1, T2, T3] = makeTables();

export function crc32(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = -1;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    crc ^= byte(bytes, at) | (byte(bytes, at + 1) << 8) | (byte(bytes, at + 2) << 16);
    crc ^= byte(bytes, at + 3) << 24;
    crc =
      entry(T3, crc & 0xff) ^
      entry(T2, (crc >>> 8) & 0xff) ^
      entry(T1, (crc >>> 16) & 0xff) ^
      entry(T0, crc >>> 24);
  }
  for (; at < end; at += 1) crc = entry(T0, (crc ^ byte(bytes, at)) & 0xff) ^ (crc >>> 8);
  return ~crc >>> 0;
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

function entry(table: Int32Array, at: number): number {
  return table[at] ?? 0;
}

/** The first is the usual one; each other one takes a byte further. */
function makeTables(): readonly [Int32Array, Int32Array, Int32Array, Int32Array] {
  const first = Int32Array.from({ length: 256 }, (_, value) => {
    let crc = value;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
    return crc;
  });
  const further = (table: Int32Array): Int32Array =>
    table.map((crc) => entry(first, crc & 0xff) ^ (crc >>> 8));
  const second = further(first);
  const third = further(second);
  return [first, second, third, further(third)];
}
