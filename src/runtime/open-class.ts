import { join } from 'node:path';
import { type ParsedFlow, parseFlow } from '../graph/parse-flow.ts';
import type { RawConfigs } from '../model/config.ts';
import type { FlowDefinition } from '../model/definition.ts';
import type { InlineWorkerModule } from '../model/ports/inline-worker.ts';
import type { SourceLocator } from '../model/ports/source-locator.ts';
import { Supervisor } from '../process/supervisor.ts';
import { hashBytes } from '../store/hash.ts';
import { openLocalBlobStore } from '../store/local/blob-store.ts';
import { openInlineClass } from './executor/open-inline-worker.ts';
import type { InlineOnly, OpenedFlow } from './open-flow.ts';
import type { AddedDecorator } from './prepare/added-decorators.ts';
import { placeCode } from './prepare/materialise.ts';

export interface ClassRequest {
  /** A flow class that no process could load, since nobody knows its file. */
  readonly loaded: new () => object;
  /** The root of the store that a run of it would use. */
  readonly store: string;
  /** What its tasks are to find. Default: the environment of this process. */
  readonly environment?: NodeJS.ProcessEnv;
  readonly configs?: RawConfigs;
  readonly with?: readonly AddedDecorator[];
}

export interface OpenedClass extends OpenedFlow {
  readonly inlineOnly: InlineOnly;
}

/**
 * A class that this process has loaded, as `openFlow` opens a file: without a bundle, without children.
 * What it cannot have is refused when it runs, with all else that needs a process.
 *
 * @throws FlowError `CONSTRUCTOR_THREW`, `MUTATOR_THREW`.
 */
export function openClass(
  request: ClassRequest,
  open: InlineWorkerModule['openInlineClass'] = openInlineClass,
): OpenedClass {
  const { loaded: flow, store, environment = process.env } = request;
  const { definition, worker, startHook, resolveParameters } = open({
    flow,
    blobs: openLocalBlobStore(store),
  });
  const text = definition.classes.map((one) => one.text).join('\n');
  const hash = hashBytes(Buffer.from(text));
  const supervisor = new Supervisor(environment);
  return {
    ...parseClass(definition),
    definition,
    environment,
    supervisor,
    prepared: {
      hash,
      sourceFile: definition.name,
      placeIn: (codeRoot) => placeCode(join(codeRoot, hash), 'classes.js', text),
    },
    inlineOnly: { worker, startHook, refused: refusedBy(request) },
    lineOf: () => undefined,
    resolveParameters,
    takeChild: () => undefined,
    close: () => supervisor.close(),
  };
}

/** The graph of a loaded class. */
export function parseClass(definition: FlowDefinition): ParsedFlow {
  return parseFlow(definition, { locator: NO_PLACES, file: definition.name, reservedOptions: [] });
}

/** A class that is loaded already has lost the way back to its file. */
const NO_PLACES: SourceLocator = {
  locate: () => undefined,
  line: () => undefined,
  docBefore: () => undefined,
};

function refusedBy({ configs = {}, with: added = [] }: ClassRequest): readonly string[] {
  const names = Object.keys(configs);
  return [
    ...(names.length === 0
      ? []
      : [`configs (${names.join(', ')}) were read when the class was imported`]),
    ...added.map(
      ({ module, name }) => `${module}:${name} cannot be added to a class that is loaded`,
    ),
  ];
}
