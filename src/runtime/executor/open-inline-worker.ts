import { createRequire } from 'node:module';
import type {
  InlineClass,
  InlineClassRequest,
  InlineWorker,
  InlineWorkerModule,
} from '../../model/ports/inline-worker.ts';
import { type LoadRequest, PROTOCOL_VERSION } from '../../model/protocol.ts';
import { loadError } from '../load-error.ts';

const require = createRequire(import.meta.url);
/** The same from src/ and from dist/: tests run the sources against the built worker. */
const WORKER = '../../../dist/worker/inline-worker.cjs';

/** Throws FlowError: the flow cannot be imported here, although a process of its own could. */
export async function openInlineWorker(
  load: Omit<LoadRequest, 'type' | 'protocol' | 'nonce'>,
): Promise<InlineWorker> {
  const request = { type: 'load', protocol: PROTOCOL_VERSION, nonce: '', ...load } as const;
  const opened = await builtWorker().openInlineWorker(request);
  if (opened.kind === 'opened') return opened.worker;
  throw loadError({ kind: 'failed', problem: opened.problem }, load.file);
}

/** Throws FlowError `CONSTRUCTOR_THREW`, `MUTATOR_THREW`. */
export function openInlineClass(request: InlineClassRequest): InlineClass {
  return builtWorker().openInlineClass(request);
}

function builtWorker(): InlineWorkerModule {
  const worker: InlineWorkerModule = require(WORKER);
  return worker;
}
