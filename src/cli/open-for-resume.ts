import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Client } from '../client/client.ts';
import type { RunSummary } from '../client/run-summary.ts';
import { readEventAt } from '../journal/read.ts';
import { originConfigs, type RawConfigs } from '../model/config.ts';
import { isFlowError } from '../model/errors.ts';
import type { EventOf } from '../model/events.ts';
import type { FlowGraph } from '../model/graph.ts';
import { type OpenedFlow, openFlow } from '../runtime/open-flow.ts';
import { soundGraph } from '../runtime/sound-graph.ts';
import type { CommandInput } from './command.ts';
import { findOrigin, isUnfinished } from './find-origin.ts';
import { parseFlowTarget } from './flow-target.ts';
import { type Added, joinAdded, readAdded } from './read-added.ts';
import { RESERVED_OPTION_NAMES } from './run-options.ts';
import { storeFolder } from './store-folder.ts';

export interface OpenedForResume {
  readonly opened: OpenedFlow;
  readonly graph: FlowGraph;
  /** The run that is gone on from. */
  readonly found: RunSummary;
  /** Its `--with`, and what is given now. */
  readonly added: Added;
}

/**
 * Opens a flow with the configs and added decorators of the run that it goes on from. Which run that
 * is, only the loaded flow says, and loading needs them: so the run is guessed by its file first, and
 * where the guess was wrong the flow is opened again. The caller closes what it gets.
 */
export async function openForResume(input: CommandInput, client: Client): Promise<OpenedForResume> {
  const named = input.options.text('origin-run-id');
  const guess = await guessOrigin(input, client, named);
  const setup = setupOf(input, guess);
  const opened = await open(input, setup);
  try {
    const graph = soundGraph(opened);
    const found = await findOrigin(client, graph.flow, named);
    const right = found.run === guess?.run ? setup : setupOf(input, found);
    if (!right.isSpecial && !setup.isSpecial) return { opened, graph, found, added: right.added };
    if (right === setup) return { opened, graph, found, added: setup.added };
    await opened.close();
    const again = await open(input, right);
    return { opened: again, graph: soundGraph(again), found, added: right.added };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** What a flow is opened with. */
interface Setup {
  readonly configs: RawConfigs;
  readonly added: Added;
  /** True if the origin changes what is opened. */
  readonly isSpecial: boolean;
}

function setupOf({ options, host }: CommandInput, origin: RunSummary | undefined): Setup {
  const started = origin && startOf(origin);
  const given = options.texts('with');
  const configs = originConfigs(started?.configs ?? {});
  const added = readAdded(joinAdded(started?.with ?? [], given), host.cwd);
  const isMore = added.decorators.length > readAdded(given, host.cwd).decorators.length;
  return { configs, added, isSpecial: isMore || Object.keys(configs).length > 0 };
}

async function guessOrigin(
  { words, host }: CommandInput,
  client: Client,
  named: string | undefined,
): Promise<RunSummary | undefined> {
  if (named !== undefined) return client.summary(await client.findRun(named));
  const { file, flow } = parseFlowTarget(words[0] ?? '');
  const path = realPathOf(resolve(host.cwd, file));
  const runs = await client.runs(flow === undefined ? {} : { flow });
  return runs.find((run) => isUnfinished(run) && startOf(run)?.file === path);
}

function open({ words, options, host }: CommandInput, { configs, added }: Setup) {
  const { file, flow } = parseFlowTarget(words[0] ?? '');
  return openFlow({
    file,
    cwd: host.cwd,
    store: storeFolder(options.text('store'), host),
    loadTimeoutMs: options.durationMs('load-timeout'),
    reservedOptions: RESERVED_OPTION_NAMES,
    configs,
    with: added.decorators,
    ...(flow === undefined ? {} : { flow }),
  });
}

/** A run that was killed before its first event has none. */
function startOf({ dir }: RunSummary): EventOf<'run.started'> | undefined {
  try {
    const event = readEventAt(dir, 0);
    return event?.type === 'run.started' ? event : undefined;
  } catch (error) {
    if (isFlowError(error) && error.code === 'JOURNAL_MISSING') return undefined;
    throw error;
  }
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Opening the flow says what is wrong with it.
    return path;
  }
}
