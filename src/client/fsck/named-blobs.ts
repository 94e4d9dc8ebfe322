import type { ArtifactRef } from '../../model/artifact.ts';
import type { FlowEvent } from '../../model/events.ts';
import type { Hash } from '../../model/ids.ts';
import { hashBytes, isHash } from '../../store/hash.ts';

/** What an event says of stored bytes. */
export interface NamedBlobs {
  /** Bytes that must be in the store. */
  readonly stored: readonly Pick<ArtifactRef, 'hash' | 'encoding'>[];
  /** Bytes that the event itself holds, and that do not match their hash. */
  readonly damaged: readonly Hash[];
}

/**
 * Found by shape, not by type of event: a reference that a later version puts elsewhere is one too.
 * What the user's own error said may look like one and is passed over.
 */
export function namedBlobs(event: FlowEvent): NamedBlobs {
  const refs = [...findRefs(event)];
  const stored: Pick<ArtifactRef, 'hash' | 'encoding'>[] = refs.filter(
    ({ inline }) => inline === undefined,
  );
  if (event.type === 'run.started') stored.push({ hash: event.graph, encoding: 'text' });
  const damaged = refs.filter(
    ({ inline, hash }) => inline !== undefined && hashBytes(Buffer.from(inline, 'base64')) !== hash,
  );
  return { stored, damaged: damaged.map(({ hash }) => hash) };
}

function* findRefs(value: unknown): Generator<ArtifactRef> {
  if (typeof value !== 'object' || value === null) return;
  if (isRef(value)) {
    yield value;
    return;
  }
  for (const [key, part] of Object.entries(value)) if (key !== 'failure') yield* findRefs(part);
}

function isRef(value: object): value is ArtifactRef {
  const { hash, size, encoding, inline }: { [key: string]: unknown } = { ...value };
  return (
    typeof hash === 'string' &&
    isHash(hash) &&
    typeof size === 'number' &&
    typeof encoding === 'string' &&
    (inline === undefined || typeof inline === 'string')
  );
}
