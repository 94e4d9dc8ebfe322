import type { ArtifactRef } from '../model/artifact.ts';
import { InternalError } from '../model/errors.ts';
import type { BlobStore } from '../model/ports/blob-store.ts';
import type { JoinInput, JoinInputs } from '../model/task.ts';
import { artifactBytesSync, keepBytes } from './artifacts.ts';

/** A million items are no single string: each line but the first has some of them. */
const ITEMS_PER_LINE = 100;
const NEWLINE = 10;

/** What a join reads goes through the store: for 100,000 items it is no message. */
export async function encodeJoinInputs(inputs: JoinInputs, blobs: BlobStore): Promise<ArtifactRef> {
  const lines = writeLines(inputs);
  if (inputs.items.length <= ITEMS_PER_LINE) {
    return await keepBytes({ bytes: Buffer.concat([...lines]), encoding: 'Buffer' }, blobs);
  }
  return { ...(await blobs.putStream(lines)), encoding: 'Buffer' };
}

/** Only for what `encodeJoinInputs` wrote: the store verifies the bytes, and nobody else makes them. */
export function decodeJoinInputsSync(ref: ArtifactRef, blobs: BlobStore): JoinInputs {
  const [shared, ...pages] = readLines(artifactBytesSync(ref, blobs));
  if (!isShared(shared) || !pages.every(isPage)) {
    throw new InternalError(`${ref.hash} holds no inputs of a join`);
  }
  return { ...shared, items: pages.flat() };
}

function* writeLines({ items, ...shared }: JoinInputs): Generator<Buffer> {
  yield line(shared);
  for (let first = 0; first < items.length; first += ITEMS_PER_LINE) {
    yield line(items.slice(first, first + ITEMS_PER_LINE));
  }
}

function line(value: object): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}

function* readLines(bytes: Uint8Array): Generator {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf(NEWLINE, start);
    if (end < 0) return;
    yield JSON.parse(text.toString('utf8', start, end));
    start = end + 1;
  }
}

function isShared(value: unknown): value is Omit<JoinInputs, 'items'> {
  return typeof value === 'object' && value !== null && 'base' in value && 'couldSet' in value;
}

function isPage(value: unknown): value is readonly JoinInput[] {
  return Array.isArray(value);
}
