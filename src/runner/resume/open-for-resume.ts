import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Client } from '../../client/client.ts';
import type { RunSummary } from '../../client/run-summary.ts';
import { originConfigs, type RawConfigs } from '../../model/config.ts';
import type { RunStarted } from '../../model/events.ts';
import type { FlowGraph } from '../../model/graph.ts';
import type { OpenedFlow } from '../../runtime/open-flow.ts';
import { soundGraph } from '../../runtime/sound-graph.ts';
import { type Added, joinAdded, readAdded } from '../added/read-added.ts';
import { type Opening, openSource } from '../open-source.ts';
import { findOrigin, isUnfinished } from './find-origin.ts';

export interface ResumeOpening {
  readonly client: Client;
  /** The flow, and how it is opened; configs and decorators are the origin's. */
  readonly open: Opening;
  /** The run to go on from, as a person names it. Default: the latest that neither runs nor succeeded. */
  readonly origin: string | undefined;
  /** `--with` of this resume. */
  readonly with: readonly string[];
}

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
export async function openForResume(request: ResumeOpening): Promise<OpenedForResume> {
  const guess = await guessOrigin(request);
  const setup = setupOf(request, guess);
  const opened = await open(request, setup);
  try {
    const graph = soundGraph(opened);
    const found = await findOrigin(request.client, graph.flow, request.origin);
    const right = found.run === guess?.run ? setup : setupOf(request, found);
    if (!right.isSpecial && !setup.isSpecial) return { opened, graph, found, added: right.added };
    if (right === setup) return { opened, graph, found, added: setup.added };
    await opened.close();
    const again = await open(request, right);
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

function setupOf(
  { client, open: { cwd }, with: given }: ResumeOpening,
  origin: RunSummary | undefined,
): Setup {
  const started = origin && startOf(client, origin);
  const configs = originConfigs(started?.configs ?? {});
  const added = readAdded(joinAdded(started?.with ?? [], given), cwd);
  const isMore = added.decorators.length > readAdded(given, cwd).decorators.length;
  return { configs, added, isSpecial: isMore || Object.keys(configs).length > 0 };
}

async function guessOrigin({
  client,
  open: source,
  origin,
}: ResumeOpening): Promise<RunSummary | undefined> {
  if (origin !== undefined) return client.summary(await client.findRun(origin));
  if ('loaded' in source) return findOrigin(client, source.loaded.name, undefined);
  const { file, flow, cwd } = source;
  const path = realPathOf(resolve(cwd, file));
  const runs = await client.runs(flow === undefined ? {} : { flow });
  return runs.find((run) => isUnfinished(run) && startOf(client, run)?.file === path);
}

function open(request: ResumeOpening, { configs, added }: Setup): Promise<OpenedFlow> {
  return openSource(request.open, { configs, with: added.decorators });
}

/** A run that was killed before its first event has none. */
function startOf(client: Client, run: RunSummary): RunStarted | undefined {
  return run.hasBegun ? client.started(run) : undefined;
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Opening the flow says what is wrong with it.
    return path;
  }
}
