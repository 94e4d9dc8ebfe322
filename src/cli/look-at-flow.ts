import { type OpenedFlow, openFlow } from '../runtime/open-flow.ts';
import { parseFlowTarget } from './flow-target.ts';
import type { Host } from './host.ts';
import { RESERVED_OPTION_NAMES } from './run-options.ts';

/** Opens a flow to look at it, and closes it again. Nothing is stored. */
export async function lookAtFlow<T>(
  target: string,
  host: Host,
  look: (opened: OpenedFlow) => T,
): Promise<T> {
  const { file, flow } = parseFlowTarget(target);
  const opened = await openFlow({
    file,
    cwd: host.cwd,
    reservedOptions: RESERVED_OPTION_NAMES,
    ...(flow === undefined ? {} : { flow }),
  });
  try {
    return look(opened);
  } finally {
    await opened.close();
  }
}
