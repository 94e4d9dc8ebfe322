import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseFlow } from '../graph/parse-flow.ts';
import type { RawConfigs } from '../model/config.ts';
import type { FlowDefinition, ParameterOutcome, RawParameter } from '../model/definition.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { isFlowError } from '../model/errors.ts';
import type { FlowGraph } from '../model/graph.ts';
import type { InlineClass, InlineWorker } from '../model/ports/inline-worker.ts';
import type { FromChild } from '../model/protocol.ts';
import { Supervisor } from '../process/supervisor.ts';
import {
  asTemporaryError,
  makeTemporaryFolder,
  removeTemporaryFolder,
} from '../process/temporary-folder.ts';
import { ChildAhead } from './child-ahead.ts';
import { FlowChild, type FlowChildOptions, type Reply } from './flow-child.ts';
import { loadError } from './load-error.ts';
import type { AddedDecorator } from './prepare/added-decorators.ts';
import { prepareFlow } from './prepare/prepare-flow.ts';
import type { PreparedFlow } from './prepare/prepared-flow.ts';

export interface OpenRequest {
  /** As the user named it; relative to `cwd`. */
  readonly file: string;
  /** Which flow of the file. */
  readonly flow?: string;
  readonly cwd: string;
  /** The store that a run of it would use; nothing is made there. */
  readonly store?: string;
  readonly graceMs?: number;
  /** How long the import may take; default one minute. */
  readonly loadTimeoutMs?: number | undefined;
  /** What its processes get as their environment. Default: that of this process. */
  readonly environment?: NodeJS.ProcessEnv;
  /** What the command line, or an origin run, gives for the flow's configs. */
  readonly configs?: RawConfigs;
  /** Names that parameters must not take. */
  readonly reservedOptions?: readonly string[];
  /** Step decorators from elsewhere. */
  readonly with?: readonly AddedDecorator[];
  /** Ends the opening when it fires; its reason is thrown. */
  readonly signal?: AbortSignal;
  /** Whether tasks will follow: then the child of the second one starts while the flow is looked at. */
  readonly ahead?: boolean;
}

/** A flow that was prepared, loaded in its first child, described and linted. */
export interface OpenedFlow {
  readonly prepared: Pick<PreparedFlow, 'hash' | 'sourceFile' | 'placeIn'>;
  readonly definition: FlowDefinition;
  /** Absent where `diagnostics` has an error. */
  readonly graph: FlowGraph | undefined;
  readonly diagnostics: readonly Diagnostic[];
  readonly environment: NodeJS.ProcessEnv;
  /** A temporary folder that goes with this process, however it ends. Absent where nothing was prepared. */
  readonly folder?: string;
  /** Of all children that this flow will have. */
  readonly supervisor: Supervisor;
  /** Present where no child could load the flow: all its tasks run here. */
  readonly inlineOnly?: InlineOnly;
  lineOf(file: string, line: number): string | undefined;
  resolveParameters(raw: { readonly [name: string]: RawParameter }): Promise<ParameterOutcome>;
  /** Hands the loaded child over to the run, which ends it. */
  takeChild(): FlowChild | undefined;
  /** The child of the second task, where tasks are to follow. */
  readonly ahead?: ChildAhead;
  /** Ends all children and removes what preparing left in the temporary folder. */
  close(): Promise<void>;
}

export interface InlineOnly {
  readonly worker: InlineWorker;
  readonly startHook: InlineClass['startHook'];
  /** What it was to have and cannot, as parts of a sentence. */
  readonly refused: readonly string[];
}

const DEFAULT_GRACE_MS = 5_000;

/**
 * Bundles the file, loads it in a child (never here) and reads its graph.
 * Throws FlowError: the file is missing or not parsable, its import fails, it holds no flow or several.
 */
export async function openFlow(request: OpenRequest): Promise<OpenedFlow> {
  const folder = makeTemporaryFolder('millrace-');
  const supervisor = new Supervisor(request.environment ?? process.env, folder);
  try {
    const preparing = prepareFlow({
      file: request.file,
      cwd: request.cwd,
      codeRoot: folder,
      with: request.with ?? [],
    });
    const configs = { kind: 'raw', raw: request.configs ?? {} } as const;
    const code = preparing.then(({ bundlePath, sourceFile }) => ({
      bundle: bundlePath,
      file: sourceFile,
      configs,
    }));
    const options = childOptions(request, supervisor);
    const child = new FlowChild({ ...options, code, use: 'describe' });
    const ahead = new ChildAhead(options);
    return await withChildren({ child, ahead }, request.signal, async () => {
      const prepared = await preparing;
      // The child is told what to load before this process is busy with what follows.
      await nextTurn();
      if (request.ahead === true) ahead.start();
      prepared.readSourceMap();
      return describe({ request, prepared, child, ahead, folder, supervisor });
    });
  } catch (error) {
    await supervisor.close();
    removeTemporaryFolder(folder);
    // So far only the temporary folder was written to.
    const isUnwritable = isFlowError(error) && error.code === 'STORE_NOT_WRITABLE';
    throw isUnwritable ? asTemporaryError(error.cause) : error;
  }
}

function childOptions(
  request: OpenRequest,
  supervisor: Supervisor,
): Omit<FlowChildOptions, 'code'> {
  const { cwd, flow, store, loadTimeoutMs } = request;
  return {
    cwd,
    graceMs: request.graceMs ?? DEFAULT_GRACE_MS,
    loadTimeoutMs,
    supervisor,
    environment: request.environment ?? process.env,
    ...(flow === undefined ? {} : { flow }),
    ...(store === undefined ? {} : { store }),
  };
}

type Children = Pick<Opening, 'child' | 'ahead'>;

/** They end where the work fails, or the signal fires before it is done. */
async function withChildren<T>(
  { child, ahead }: Children,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const onAbort = () => child.kill();
  signal?.addEventListener('abort', onAbort);
  try {
    signal?.throwIfAborted();
    return await work();
  } catch (error) {
    child.kill();
    await Promise.all([child.exit, ahead.end()]);
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

interface Opening {
  readonly request: OpenRequest;
  readonly prepared: PreparedFlow;
  readonly child: FlowChild;
  readonly ahead: ChildAhead;
  readonly folder: string;
  readonly supervisor: Supervisor;
}

async function describe(opening: Opening): Promise<OpenedFlow> {
  const { prepared, child, ahead, folder, request, supervisor } = opening;
  await expectAnswer(child, await child.loaded, prepared.sourceFile);
  const reply = await child.ask({ type: 'describe' }, ['described', 'load-failed']);
  const answer = await expectAnswer(child, reply, prepared.sourceFile);
  if (answer.type !== 'described') throw loadError({ kind: 'silent' }, prepared.sourceFile);
  const locator = prepared.locate(answer.definition.classes);
  const parsed = parseFlow(answer.definition, {
    locator,
    file: prepared.sourceFile,
    reservedOptions: request.reservedOptions ?? [],
  });
  let held: FlowChild | undefined = child;
  return {
    prepared,
    definition: answer.definition,
    graph: parsed.graph,
    diagnostics: parsed.diagnostics,
    environment: request.environment ?? process.env,
    folder,
    supervisor,
    lineOf: (file, line) => locator.line(file, line),
    resolveParameters: (raw) => resolveParameters(child, raw, prepared.sourceFile),
    takeChild: () => {
      const taken = held;
      held = undefined;
      return taken;
    },
    ahead,
    close: async () => {
      held?.kill();
      await Promise.all([held?.exit, ahead.end()]);
      await supervisor.close();
      removeTemporaryFolder(folder);
    },
  };
}

async function resolveParameters(
  child: FlowChild,
  raw: { readonly [name: string]: RawParameter },
  file: string,
): Promise<ParameterOutcome> {
  const reply = await child.ask({ type: 'parameters', raw }, [
    'parameters-resolved',
    'parameters-rejected',
  ]);
  const answer = await expectAnswer(child, reply, file);
  if (answer.type === 'parameters-resolved') {
    return { kind: 'resolved', values: answer.values, configs: answer.configs };
  }
  if (answer.type === 'parameters-rejected') return { kind: 'rejected', problems: answer.problems };
  throw loadError({ kind: 'silent' }, file);
}

async function expectAnswer(child: FlowChild, reply: Reply, file: string): Promise<FromChild> {
  if (reply.kind === 'message') {
    if (reply.message.type !== 'load-failed') return reply.message;
    // At its end all that it has printed is here.
    child.kill();
    await child.exit;
    const { problem } = reply.message;
    throw loadError({ kind: 'failed', problem, output: printedBy(child) }, file);
  }
  const printed = printedBy(child);
  const slow = child.importFailure;
  if (slow !== undefined) {
    throw loadError({ kind: 'slow', afterMs: slow.afterMs, output: printed }, file);
  }
  throw loadError({ kind: 'exited', exit: reply.exit, output: printed }, file);
}

function printedBy(child: FlowChild): string {
  const output: Buffer[] = [];
  child.listen((_stream, bytes) => {
    output.push(Buffer.from(bytes));
  });
  return Buffer.concat(output).toString();
}
