import { createRequire } from 'node:module';
import type { InlineWorker, InlineWorkerModule } from '../../model/ports/inline-worker.ts';
import { type LoadRequest, PROTOCOL_VERSION } from '../../model/protocol.ts';
import { loadError } from '../load-error.ts';

const require = createRequire(import.meta.url);
/** The same from src/ and from dist/: tests run the sources against the built worker. */
const WORKER = '../../../dist/worker/inline-worker.cjs';

/** Throws FlowError: the flow cannot be imported here, although a process of its own could. */
export async function openInlineWorker(
  load: Omit<LoadRequest, 'type' | 'protocol' | 'nonce'>,
): Promise<InlineWorker> {
  const worker: InlineWorkerModule = require(WORKER);
  const request = { type: 'load', protocol: PROTOCOL_VERSION, nonce: '', ...load } as const;
  const opened = await worker.openInlineWorker(request);
  if (opened.kind === 'opened') return opened.worker;
  throw loadError({ kind: 'failed', problem: opened.problem }, load.file);
}
