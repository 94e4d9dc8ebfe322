import { type ClassRequest, openClass } from '../runtime/open-class.ts';
import { type OpenedFlow, type OpenRequest, openFlow } from '../runtime/open-flow.ts';

/** A file, or a class that this process has loaded, and how it is opened. */
export type Opening =
  | Omit<OpenRequest, 'configs' | 'with'>
  | (Omit<ClassRequest, 'configs' | 'with'> & Pick<OpenRequest, 'cwd'>);

/** Throws FlowError: the flow cannot be loaded. */
export async function openSource(
  open: Opening,
  given: Pick<OpenRequest, 'configs' | 'with'>,
): Promise<OpenedFlow> {
  return 'loaded' in open ? openClass({ ...open, ...given }) : openFlow({ ...open, ...given });
}
