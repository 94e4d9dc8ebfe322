import { originConfigs } from '../../model/config.ts';
import { type OpenedFlow, type OpenRequest, openFlow } from '../../runtime/open-flow.ts';
import { type Added, readAdded } from '../added/read-added.ts';
import type { SpinOrigin } from './find-spin-origin.ts';

export interface OpenedForSpin {
  readonly opened: OpenedFlow;
  readonly origin: SpinOrigin;
  readonly added: Added;
}

/** Opens the flow with the configs and added decorators of the run. The caller closes it. */
export async function openForSpin(
  origin: SpinOrigin,
  open: Omit<OpenRequest, 'configs' | 'with' | 'flow'>,
): Promise<OpenedForSpin> {
  const { started } = origin;
  const added = readAdded(started.with ?? [], open.cwd);
  const opened = await openFlow({
    ...open,
    flow: started.flow,
    configs: originConfigs(started.configs ?? {}),
    with: added.decorators,
  });
  return { opened, origin, added };
}
