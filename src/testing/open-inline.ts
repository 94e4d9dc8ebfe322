import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FlowClass } from '../flow/steps.ts';
import { Supervisor } from '../process/supervisor.ts';
import type { OpenedFlow } from '../runtime/open-flow.ts';
import { hashBytes } from '../store/hash.ts';
import { openLocalBlobStore } from '../store/local/blob-store.ts';
import { NO_PLACES, type ReadFlow, readFlow } from './read-flow.ts';
import { resolveInProcess } from './resolve-given.ts';

export interface OpenedInline extends OpenedFlow {
  readonly read: ReadFlow;
}

/**
 * A class that this process has loaded, as `flow run` opens a file: without a bundle, without children.
 * Throws FlowError `FLOW_INVALID`.
 */
export function openInline(flow: FlowClass, store: string): OpenedInline {
  const read = readFlow(flow);
  const { exitHooks: _children, ...definition } = read.definition;
  const file = sourceOf(flow) ?? resolve(`${definition.name}.ts`);
  const supervisor = new Supervisor();
  return {
    read,
    definition,
    graph: read.graph,
    diagnostics: read.diagnostics,
    environment: process.env,
    supervisor,
    prepared: {
      hash: hashBytes(Buffer.from(definition.classes.map(({ text }) => text).join('\n'))),
      bundlePath: file,
      sourceFile: file,
      watchFiles: [],
      placeIn: async () => file,
      locate: () => NO_PLACES,
    },
    lineOf: () => undefined,
    resolveParameters: async (raw) => {
      const reply = await resolveInProcess({ read, blobs: openLocalBlobStore(store) }, raw);
      return reply.type === 'parameters-resolved'
        ? { kind: 'resolved', values: reply.values, configs: reply.configs }
        : { kind: 'rejected', problems: reply.problems };
    },
    takeChild: () => undefined,
    close: () => supervisor.close(),
  };
}

function sourceOf(flow: FlowClass): string | undefined {
  const source: unknown = Reflect.get(flow, 'source');
  return typeof source === 'string' && source.startsWith('file:')
    ? fileURLToPath(source)
    : undefined;
}
