import type { FlowDefinition, ParameterOutcome, RawParameter } from '../definition.ts';
import type { EndedRun } from '../exit.ts';
import type { Failure } from '../failure.ts';
import type { LoadProblem, LoadRequest } from '../protocol.ts';
import type { ItemNotice, TaskFailure, TaskResult, TaskSpec } from '../task.ts';
import type { BlobStore } from './blob-store.ts';
import type { LogStream } from './executor.ts';

/** The worker without a process of its own: it runs tasks here, several at a time. */
export interface InlineWorker {
  open(spec: TaskSpec, listener: InlineListener): InlineTask;
  /** Gives back what it took of the process: its output streams, its globals. */
  close(): void;
}

/** Called outside of the task: what a listener prints is not the task's. */
export interface InlineListener {
  readonly onItems: (notice: ItemNotice) => void;
  readonly onLog: (stream: LogStream, bytes: Uint8Array) => void;
}

export interface InlineTask {
  /** Once. Never rejects. */
  run(): Promise<InlineOutcome>;
  /** It has made its temporary folder. */
  hasTempDir(): boolean;
  /** So many more items of its open foreach are wanted. */
  pull(count: number): void;
  /** `current.signal` fires. */
  abort(reason: string): void;
  /** Its outcome comes now, whatever its code still does. */
  abandon(): void;
}

export type InlineOutcome =
  | { readonly kind: 'succeeded'; readonly result: TaskResult }
  /** `thrown`: the error itself, where code of the task threw one. */
  | { readonly kind: 'failed'; readonly failed: TaskFailure; readonly thrown?: unknown };

export type OpenedInlineWorker =
  | { readonly kind: 'opened'; readonly worker: InlineWorker }
  | { readonly kind: 'problem'; readonly problem: LoadProblem };

export interface InlineClassRequest {
  /** Extends FlowSpec, of whichever copy of this package. */
  readonly flow: new () => object;
  readonly blobs: BlobStore;
  /** The flow's configs by name, for defaults of parameters that ask for them. */
  readonly configs?: { readonly [name: string]: unknown };
}

/** A flow that this process has loaded by itself: as its first child would tell it, and run it. */
export interface InlineClass {
  readonly definition: FlowDefinition;
  readonly worker: InlineWorker;
  readonly resolveParameters: (raw: {
    readonly [name: string]: RawParameter;
  }) => Promise<ParameterOutcome>;
  readonly startHook: (request: HookRequest) => InlineHook;
}

export interface HookRequest {
  /** Among the hooks of the definition. */
  readonly index: number;
  readonly ended: EndedRun;
  readonly onLog: InlineListener['onLog'];
}

export interface InlineHook {
  /** Undefined where it ended well. Never rejects. */
  readonly failure: Promise<Failure | undefined>;
  /** It is over now, whatever its code still does. */
  readonly abandon: () => void;
}

/** The module that the worker is, beside the one of processes. */
export interface InlineWorkerModule {
  /** Never rejects. */
  openInlineWorker(request: LoadRequest): Promise<OpenedInlineWorker>;
  /** Throws FlowError `CONSTRUCTOR_THREW`, `MUTATOR_THREW`. */
  openInlineClass(request: InlineClassRequest): InlineClass;
}
