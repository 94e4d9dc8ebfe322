import { formatDurationMs } from '../../base/duration.ts';
import { openClient } from '../../client/client.ts';
import type { RunStatus, RunSummary } from '../../client/run-summary.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import { formatTable } from '../format-table.ts';
import type { Colors } from '../host.ts';
import { storeFolder } from '../store-folder.ts';

const STATUSES = ['running', 'succeeded', 'failed', 'cancelled', 'lost', 'unknown'] as const;
const DEFAULT_LIMIT = 20;

/** `flow runs`: the runs of the store, the latest first. */
export async function runs({ options, host }: CommandInput): Promise<CommandResult> {
  const flow = options.text('flow');
  const status = options.choice('status', STATUSES);
  const since = options.since('since');
  const store = storeFolder(options.text('store'), host);
  const found = await openClient(store).runs({
    limit: options.count('limit') ?? DEFAULT_LIMIT,
    ...(flow === undefined ? {} : { flow }),
    tag: options.texts('tag'),
    ...(status === undefined ? {} : { status }),
    ...(since === undefined ? {} : { since }),
  });
  return {
    kind: 'data',
    data: found.map(runData),
    text: (colors) =>
      found.length === 0
        ? `no such runs in ${store}`
        : formatTable(found.map((run) => row(run, colors))),
  };
}

function runData(run: RunSummary) {
  return {
    flow: run.flow,
    run: run.run,
    status: run.status,
    startedAt: new Date(run.startedAt).toISOString(),
    endedAt: run.endedAt === undefined ? null : new Date(run.endedAt).toISOString(),
    tags: run.tags,
    systemTags: run.systemTags,
    origin: run.origin ?? null,
    host: run.host ?? null,
  };
}

function row(run: RunSummary, colors: Colors): readonly string[] {
  const took = run.endedAt === undefined ? '' : formatDurationMs(run.endedAt - run.startedAt);
  const held = run.host === undefined ? '' : ` (held by ${run.host})`;
  return [
    run.run,
    run.flow,
    `${paint(run.status, colors)}${held}`,
    new Date(run.startedAt).toISOString().replace('T', ' ').slice(0, 19),
    took,
    run.tags.join(', '),
  ];
}

function paint(status: RunStatus, colors: Colors): string {
  switch (status) {
    case 'succeeded':
      return colors.green(status);
    case 'failed':
    case 'lost':
      return colors.red(status);
    case 'running':
      return colors.cyan(status);
    case 'cancelled':
    case 'unknown':
      return colors.yellow(status);
  }
}
