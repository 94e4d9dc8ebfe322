import type { ItemPage } from '../../model/task.ts';
import type { Area } from './state.ts';

/** An open foreach around a task. */
export interface FrameView {
  readonly kind: 'foreach' | 'gang';
  readonly step: string;
  readonly index: number;
  /** Unknown while an async iterable still yields. */
  readonly size: number | undefined;
  readonly pages: readonly ItemPage[];
}

/** The open foreaches around an area, outermost first. */
export function openFrames(inner: Area): readonly FrameView[] {
  const frames: FrameView[] = [];
  for (let area: Area | undefined = inner; area !== undefined; area = area.parent) {
    if (area.item === undefined) continue;
    const { frame, index } = area.item;
    const size = frame.stream === undefined ? frame.size : undefined;
    const { name: step, node } = frame.splitter;
    const kind = node.transition.kind === 'gang' ? 'gang' : 'foreach';
    frames.push({ kind, step, index, size, pages: frame.pages });
  }
  return frames.toReversed();
}
