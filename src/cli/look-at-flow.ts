import { type OpenedFlow, openFlow } from '../runtime/open-flow.ts';
import type { CommandInput } from './command.ts';
import { readConfigOptions } from './config-options.ts';
import { parseFlowTarget } from './flow-target.ts';
import { RESERVED_OPTION_NAMES } from './run-options.ts';

/** Opens a flow to look at it, and closes it again. Nothing is stored. */
export async function lookAtFlow<T>(
  { words, options, host }: CommandInput,
  look: (opened: OpenedFlow) => T,
): Promise<T> {
  const { file, flow } = parseFlowTarget(words[0] ?? '');
  const opened = await openFlow({
    file,
    cwd: host.cwd,
    configs: readConfigOptions(options, host.cwd),
    reservedOptions: RESERVED_OPTION_NAMES,
    ...(flow === undefined ? {} : { flow }),
  });
  try {
    return look(opened);
  } finally {
    await opened.close();
  }
}
