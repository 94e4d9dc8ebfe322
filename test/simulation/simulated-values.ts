import { createHash } from 'node:crypto';
import type { ArtifactChanges, ArtifactRef, ArtifactTable } from '../../src/model/artifact.ts';
import type { Hash, TaskPath } from '../../src/model/ids.ts';
import type { ItemPage } from '../../src/model/task.ts';
import type { PlanRequest } from '../../src/runtime/resume/resume-plan.ts';
import { chance } from './chance.ts';

/** A stand-in for an artifact: the text is its hash. */
export function refOf(text: string): ArtifactRef {
  return { hash: text as Hash, size: 1, encoding: 'cbor' };
}

/** A page whose hash is the list of its items. An item with a key is `key:value`, another its value. */
export function pageOf(first: number, items: readonly string[]): ItemPage {
  const page = { first, count: items.length, ref: refOf(items.join(' ')) };
  return items[0]?.includes(':') === true ? { ...page, keyed: true } : page;
}

export function itemAt(pages: readonly ItemPage[], index: number): string | undefined {
  const page = pages.find(({ first, count }) => index >= first && index < first + count);
  return page?.ref.hash.split(' ')[index - page.first];
}

export function valueAt(pages: readonly ItemPage[], index: number): string | undefined {
  return itemAt(pages, index)?.split(':').at(-1);
}

export function keyAt(pages: readonly ItemPage[], index: number): string | undefined {
  return itemAt(pages, index)?.match(/^(.+):/)?.[1];
}

export const simulatedItems: PlanRequest['items'] = {
  isSame: (a, b) => {
    const value = valueAt(a.pages, a.index);
    return value !== undefined && value === valueAt(b.pages, b.index);
  },
  keysOf: ({ keyed, ref }) =>
    keyed === true ? ref.hash.split(' ').map((item) => item.split(':')[0]!) : undefined,
};

/** All that a task's result may depend on. */
export interface BodyInput {
  readonly path: TaskPath;
  readonly step: string;
  readonly start: ArtifactTable;
  /** Joins: what each input changed, in order. */
  readonly inputs?: readonly ArtifactChanges[];
  /** The items around it, outermost first, without their keys. */
  readonly items: readonly (string | undefined)[];
}

/** What a task leaves. */
export type Body = (input: BodyInput) => ArtifactChanges;

/**
 * Each step sets a field of its own name, to a function of everything that it starts with. Code of
 * another version sets other values. Some steps leave the same whatever they start with: behind them a
 * change goes unnoticed.
 */
export function hashingBody(versions: ReadonlyMap<string, number> = new Map()): Body {
  return ({ step, start, inputs, items }) => {
    if (chance(0, `${step} settles`) < 0.3) {
      return Object.fromEntries([...Object.keys(start), step].map((name) => [name, refOf('same')]));
    }
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
