import { cancelRun } from '../../client/cancel-run.ts';
import { openClient } from '../../client/client.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import { storeFolder } from '../store-folder.ts';

/** `flow cancel`: what Ctrl-C does, from another terminal. */
export async function cancel({ words, options, host }: CommandInput): Promise<CommandResult> {
  const client = openClient(storeFolder(options.text('store'), host));
  const run = await client.findRun(words[0] ?? '');
  const status = await cancelRun(client, run, { now: options.flag('now') });
  return {
    kind: 'data',
    data: { flow: run.flow, run: run.run, status },
    text: () => `${run.flow}/${run.run} ${status}`,
  };
}
