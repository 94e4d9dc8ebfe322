import { openClient } from '../../client/client.ts';
import { collectGarbage, YOUNGEST_GARBAGE_MS } from '../../client/collect-garbage.ts';
import { deleteRuns } from '../../client/delete-run.ts';
import { findUnkeptRuns, type KeepRules } from '../../client/keep-rules.ts';
import { FlowError } from '../../model/errors.ts';
import { formatBytes } from '../../observe/describe-failure.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { GivenOptions } from '../given-options.ts';
import { storeFolder } from '../store-folder.ts';

/** `flow gc`: runs that no rule keeps, then what no run can reach. */
export async function gc({ options, host }: CommandInput): Promise<CommandResult> {
  const client = openClient(storeFolder(options.text('store'), host));
  const dryRun = options.flag('dry-run');
  const unusedMs = options.durationMs('unused-for') ?? YOUNGEST_GARBAGE_MS;
  if (unusedMs < YOUNGEST_GARBAGE_MS) refuseBesideRuns(await client.runs({ status: 'running' }));
  const unkept = await findUnkeptRuns(client, keepRules(options));
  const runs = dryRun ? unkept : await deleteRuns(client, unkept);
  const deleted = new Set(runs.map(({ run }) => run));
  const { blobs, codes, bytes } = await collectGarbage(client, {
    before: Date.now() - unusedMs,
    dryRun,
    without: deleted,
  });
  return {
    kind: 'data',
    data: { dryRun, runs: runs.map(({ flow, run }) => `${flow}/${run}`), blobs, codes, bytes },
    text: () =>
      [
        ...runs.map(({ flow, run }) => `${dryRun ? 'would delete' : 'deleted'} ${flow}/${run}`),
        `${dryRun ? 'would remove' : 'removed'} ${blobs} blobs and ${codes} prepared flows: ${formatBytes(bytes)}`,
      ].join('\n'),
  };
}

function keepRules(options: GivenOptions): KeepRules {
  const [last, forMs, tags] = [
    options.count('keep-last'),
    options.durationMs('keep-for'),
    options.texts('keep-tag'),
  ];
  return {
    ...(last === undefined ? {} : { last }),
    ...(forMs === undefined ? {} : { startedAfter: Date.now() - forMs }),
    ...(tags.length === 0 ? {} : { tags }),
  };
}

/** A run that goes on has written what its journal does not name yet. */
function refuseBesideRuns(running: readonly { readonly run: string }[]): void {
  const [first] = running;
  if (first === undefined) return;
  throw new FlowError(
    `--unused-for cannot be shorter than 24h while runs go on: ${first.run} does.`,
    { code: 'OPTION_INVALID', hint: 'wait for its end, or leave the option out' },
  );
}
