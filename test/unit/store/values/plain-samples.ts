import { Encoder } from 'cbor-x/encode';

/** As src/store/values/cbor.ts sets it up: what is read and written without it has to be the same. */
export const library = new Encoder({
  useRecords: false,
  variableMapSize: true,
  tagUint8Array: false,
});

/** On both sides of each border between two lengths in CBOR. */
export const INTEGERS_AT_EVERY_WIDTH: readonly number[] = [
  0,
  23,
  24,
  255,
  256,
  65_535,
  65_536,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53,
  -1,
  -24,
  -25,
  -256,
  -257,
  -65_537,
  -(2 ** 31),
  -(2 ** 31) - 1,
  -(2 ** 32),
  -(2 ** 32) - 1,
  -(2 ** 53),
];
