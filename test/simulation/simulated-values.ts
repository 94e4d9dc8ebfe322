import { createHash } from 'node:crypto';
import type { ArtifactChanges, ArtifactRef, ArtifactTable } from '../../src/model/artifact.ts';
import type { Hash, TaskPath } from '../../src/model/ids.ts';
import type { ItemPage } from '../../src/model/task.ts';
import type { SameItem } from '../../src/runtime/resume/same-inputs.ts';

/** A stand-in for an artifact: the text is its hash. */
export function refOf(text: string): ArtifactRef {
  return { hash: text as Hash, size: 1, encoding: 'cbor' };
}

/** A page whose hash is the list of its items. */
export function pageOf(first: number, values: readonly string[]): ItemPage {
  return { first, count: values.length, ref: refOf(values.join(' ')) };
}

export function itemAt(pages: readonly ItemPage[], index: number): string | undefined {
  const page = pages.find(({ first, count }) => index >= first && index < first + count);
  return page?.ref.hash.split(' ')[index - page.first];
}

export const sameItem: SameItem = (index, a, b) => {
  const item = itemAt(a, index);
  return item !== undefined && item === itemAt(b, index);
};

/** All that a task's result may depend on. */
export interface BodyInput {
  readonly path: TaskPath;
  readonly step: string;
  readonly start: ArtifactTable;
  /** Joins: what each input changed, in order. */
  readonly inputs?: readonly ArtifactChanges[];
  /** The items around it, outermost first. */
  readonly items: readonly (string | undefined)[];
}

/** What a task leaves. */
export type Body = (input: BodyInput) => ArtifactChanges;

/**
 * Each step sets a field of its own name, to a function of everything that it starts with. Code of
 * another version sets other values.
 */
export function hashingBody(versions: ReadonlyMap<string, number> = new Map()): Body {
  return ({ step, start, inputs, items }) => {
    const given = [valuesOf(start), inputs?.map(valuesOf), items];
    const text = JSON.stringify([step, versions.get(step) ?? 0, given]);
    return { [step]: refOf(createHash('sha256').update(text).digest('hex').slice(0, 24)) };
  };
}

/** Names and values, whatever their order. */
export function valuesOf(table: ArtifactChanges): readonly (readonly [string, string])[] {
  return Object.entries(table)
    .map(([name, ref]) => [name, ref?.hash ?? ''] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}
