import { InternalError } from '../model/errors.ts';
import { formatPosition, isPosition, type Level, type Position } from '../model/ids.ts';
import type { BlobStore } from '../model/ports/blob-store.ts';
import type { ItemFrame, ItemRef } from '../model/task.ts';
import { writeItemPages } from '../store/item-pages.ts';
import { refuse, type SpecRequest } from './spec-request.ts';

/** The foreaches around the step, outermost first, each with the item that the test means. */
export async function givenFrames(request: SpecRequest): Promise<readonly ItemFrame[]> {
  const { node, given } = request;
  const levels = node.levels.filter((level) => level.kind === 'foreach');
  refuse(
    levels.length === 0 && ('item' in given || given.current?.foreachStack !== undefined),
    `"${node.name}" is in no foreach, so it has no item`,
  );
  const frames: ItemFrame[] = [];
  for (const [depth, { step }] of levels.entries()) {
    const isInnermost = depth === levels.length - 1;
    frames.push(await givenFrame(request, { step, depth, isInnermost }));
  }
  return frames;
}

interface FramePlace {
  readonly step: string;
  /** From 0, the outermost. */
  readonly depth: number;
  readonly isInnermost: boolean;
}

async function givenFrame(
  { given, blobs, recorded }: SpecRequest,
  { step, depth, isInnermost }: FramePlace,
): Promise<ItemFrame> {
  const known = recorded?.frames[depth];
  const frame = { ...given.current?.foreachStack?.[depth] };
  if (isInnermost && 'item' in given) Object.assign(frame, { item: given.item });
  if (known !== undefined && Object.keys(frame).length === 0) return known;
  const { index = 0, size = index + 1, item } = { ...placeOf(known), ...frame };
  return { step, index, size, item: await keepItem(item, blobs) };
}

function placeOf(known: ItemFrame | undefined): Pick<ItemFrame, 'index' | 'size'> | undefined {
  return known && { index: known.index, size: known.size ?? known.index + 1 };
}

async function keepItem(item: unknown, blobs: BlobStore): Promise<ItemRef> {
  const { pages } = await writeItemPages([item], blobs, { maxItems: 1 });
  const page = pages[0]?.ref;
  if (page === undefined) throw new InternalError('an item is on no page');
  return { page, slot: 0 };
}

/** Where the task stands: as the test says it, else as the frames do. */
export function givenPosition(
  { node, given, recorded }: SpecRequest,
  frames: readonly ItemFrame[],
): Position {
  const { taskId, foreachStack } = given.current ?? {};
  if (taskId !== undefined && isPosition(taskId)) return taskId;
  refuse(
    taskId !== undefined,
    `"${taskId}" is no task id`,
    'write an index per foreach, and r with the round of a loop: 0, 3, 3.1 or 3.r2',
  );
  if (recorded !== undefined && foreachStack === undefined) return recorded.position;
  const indexes = frames.map(({ index }) => index);
  return formatPosition(
    node.levels.map((level): Level => {
      if (level.kind === 'loop') return { kind: 'round', round: 0 };
      return { kind: 'item', index: indexes.shift() ?? 0 };
    }),
  );
}
