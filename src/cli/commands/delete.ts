import { openClient } from '../../client/client.ts';
import { deleteRun, requireDeletable } from '../../client/delete-run.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import { storeFolder } from '../store-folder.ts';

/** `flow delete`: one run, unless somebody still needs it to go on. */
export async function deleteOne({ words, options, host }: CommandInput): Promise<CommandResult> {
  const client = openClient(storeFolder(options.text('store'), host));
  const run = await client.findRun(words[0] ?? '');
  await requireDeletable(client, run);
  await deleteRun(client, run);
  const { flow, run: id } = run;
  return {
    kind: 'data',
    data: { flow, run: id },
    text: (colors) => `${colors.green('✓')} deleted ${flow}/${id}`,
  };
}
