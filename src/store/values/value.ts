import { FlowError } from '../../model/errors.ts';
import { makeRich, readCbor, richContent, writeCbor } from './cbor.ts';
import { readForms } from './read-forms.ts';
import { survey } from './survey.ts';
import { writeForms } from './write-forms.ts';
import { writePlain } from './write-plain.ts';

/**
 * A value as CBOR. Equal values (the same keys in the same order, the same sharing inside) give equal
 * bytes, and what is decoded encodes to the same bytes again. `root` is how messages call the value.
 * Throws FlowError `ARTIFACT_NOT_KEEPABLE`.
 */
export function encodeValue(value: unknown, root = 'the value'): Uint8Array {
  const plain = writePlain(value);
  if (plain !== undefined) return plain;
  try {
    const found = survey(value, root);
    return writeCbor(found.rich ? makeRich(writeForms(value, found)) : value);
  } catch (error) {
    throw isStackOverflow(error) ? tooDeep(root) : error;
  }
}

/** The value that `encodeValue` wrote. Nothing in it shares memory with `bytes`. */
export function decodeValue(bytes: Uint8Array): unknown {
  const value = readCbor(bytes);
  const rich = richContent(value);
  return rich === undefined ? value : readForms(rich.content);
}

function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes('call stack');
}

function tooDeep(root: string): FlowError {
  return new FlowError(`${root} is nested too deeply to be kept as an artifact.`, {
    code: 'ARTIFACT_NOT_KEEPABLE',
    hint: 'keep it flat: a long linked list, for one, as an array',
  });
}
