import type { ArtifactChanges } from './artifact.ts';
import type { ResolvedConfigs } from './config.ts';
import type { RawParameter, ResolvedParameters } from './definition.ts';
import type { RunStatusAtEnd } from './exit.ts';
import type { Failure } from './failure.ts';
import type { Hash, Position, RunId, TaskId } from './ids.ts';
import type { Isolation } from './isolation.ts';
import type { ItemPage, TakenTransition } from './task.ts';

/**
 * The spine. Every fact about a run is one of these: past tense, JSON-safe, append-only, additive.
 * The journal stores them; scheduler state, console, client and metrics are folds over them.
 */
export type FlowEvent = RunEvent | TaskEvent | GangEvent | HookEvent;

/** The beginning of a run, and its end. */
export type RunEvent =
  | RunStarted
  | (OnRun & { readonly type: 'run.succeeded' })
  | (OnRun & { readonly type: 'run.failed'; readonly failure: Failure; readonly task?: FailedTask })
  /** A signal or a request: nothing new starts from here on. */
  | (OnRun & { readonly type: 'run.stopping'; readonly reason: string })
  | (OnRun & { readonly type: 'run.cancelled'; readonly reason: string });

/** What happened to one attempt of a task. */
export type TaskEvent =
  | (OnTask & {
      readonly type: 'task.launched';
      readonly pid?: number;
      /** In a resume: where the same task stood in the origin, if elsewhere; null if it has no such item. */
      readonly originPosition?: Position | null;
    })
  | (OnTask & {
      readonly type: 'task.succeeded';
      readonly changes: ArtifactChanges;
      readonly transition: TakenTransition;
      readonly usage?: Usage;
    })
  | (OnTask & {
      readonly type: 'task.failed';
      readonly failure: Failure;
      readonly changes: ArtifactChanges;
      readonly then: AfterFailure;
      readonly usage?: Usage;
    })
  /**
   * A step ended with a foreach over an async iterable, of unknown width: its items may start as they
   * come, with what the step had set by then. `task.succeeded` fixes the width. A retry opens it again
   * and goes on behind the items that are there.
   */
  | (OnTask & {
      readonly type: 'foreach.opened';
      readonly to: string;
      readonly changes: ArtifactChanges;
    })
  /** More items of an open foreach. */
  | (OnTask & {
      readonly type: 'foreach.yielded';
      readonly page: ItemPage;
      /** Over all its items so far. A retry that yields the same items comes to the same digest. */
      readonly digest: Hash;
    })
  /** A resume took the result over from the origin run; no process ran. */
  | (OnTask & {
      readonly type: 'task.cloned';
      readonly origin: RunId;
      /** Where it stood in that run, if elsewhere: its item has the same key and another index. */
      readonly originPosition?: Position;
      readonly changes: ArtifactChanges;
      readonly transition: TakenTransition;
    });

/** Exit hooks. They come after the run's last event, which they never change. */
export type HookEvent =
  | (OnHook & { readonly type: 'hook.started' })
  | (OnHook & { readonly type: 'hook.succeeded' })
  | (OnHook & { readonly type: 'hook.failed'; readonly failure: Failure });

/**
 * A gang's tasks are launched one by one and come to their end as one: a single event, so that no kill
 * leaves half of them recorded. `members` are all of them, in index order.
 */
export type GangEvent =
  | (OnGang & {
      readonly type: 'gang.succeeded';
      readonly members: readonly (GangMember & {
        readonly changes: ArtifactChanges;
        readonly transition: TakenTransition;
      })[];
    })
  | (OnGang & {
      readonly type: 'gang.failed';
      /** Of the member that failed first; the others were ended for it. */
      readonly failure: Failure;
      readonly failed: Position;
      readonly members: readonly (GangMember & {
        readonly failure: Failure;
        readonly changes: ArtifactChanges;
      })[];
      /** For each of them alike. */
      readonly then: AfterFailure;
    });

export interface GangMember {
  readonly position: Position;
  readonly usage?: Usage;
}

/** The first event: what the run is, and everything that it was started with. */
export interface RunStarted extends OnRun {
  readonly type: 'run.started';
  readonly flow: string;
  /** The flow file, absolute. Absent where a program ran a class that does not say its file. */
  readonly file?: string;
  readonly code: Hash;
  /** sha256 of the graph's stable JSON; the graph itself is the blob of that hash. */
  readonly graph: Hash;
  readonly parameters: ResolvedParameters;
  /** What the parameters with a schema were made of, for a resume to validate again. */
  readonly given?: { readonly [parameter: string]: RawParameter };
  /** Absent where the flow has none. */
  readonly configs?: ResolvedConfigs;
  readonly tags: readonly string[];
  readonly options: RunOptions;
  readonly origin?: RunId;
  /** Who started it, where the system or MILLRACE_USER says. */
  readonly user?: string;
  /** What `--with` added, each as it would be typed again; files by absolute path. */
  readonly with?: readonly string[];
  /** One task of that run again: its inputs are those of the record, the code is today's. */
  readonly spin?: TaskId & { readonly run: RunId };
  readonly versions: { readonly millrace: string; readonly node: string };
}

/** Options that change what a run does; recorded with it. */
export interface RunOptions {
  readonly maxWorkers: number;
  readonly maxSplits: number;
  /** Rounds that a loop may make. */
  readonly maxIterations: number;
  readonly onFailure: OnFailure;
  readonly durability: 'process' | 'power';
  /** Grace between TERM and KILL. */
  readonly graceMs: number;
  /** Slots of tasks that wait for disk or network. Absent in older journals, as the two below. */
  readonly maxIo?: number;
  /** What tasks with a memory limit may use together. */
  readonly maxMemoryBytes?: number;
  readonly maxGpus?: number;
  /** How long the import of the flow may take in each process; absent: one minute. */
  readonly loadTimeoutMs?: number;
  /** What is kept of one attempt's output; absent: all. */
  readonly maxLogBytes?: number;
  /** Whether processes are started ahead of their tasks. */
  readonly spares?: boolean;
  /** Of steps that do not say it themselves. Absent: `process`. */
  readonly isolation?: Isolation;
}

/** `finish`: nothing new starts, running tasks end. `kill`: they are ended. `continue`: all that does not depend on the failure runs. */
export type OnFailure = 'finish' | 'kill' | 'continue';

/** Decided by pure policy before the event is written, so that every reader knows what follows. */
export type AfterFailure =
  | { readonly kind: 'retry'; readonly delayMs: number }
  /** `@catchError`: the task ends as if it had succeeded with these. */
  | {
      readonly kind: 'catch';
      readonly changes: ArtifactChanges;
      readonly transition: TakenTransition;
    }
  /** Placed again without counting as an attempt (spawn errors, dead spares). */
  | { readonly kind: 'replace' }
  | { readonly kind: 'give-up' };

export interface FailedTask {
  readonly step: string;
  readonly position: Position;
  readonly attempt: number;
}

/** What an attempt used: its process and all that it started. Absent: not known. */
export interface Usage {
  /** From launch to exit. */
  readonly wallMs: number;
  /** From ready to launched. */
  readonly queuedMs?: number;
  readonly cpuMs?: number;
  readonly peakRssBytes?: number;
}

export type EventType = FlowEvent['type'];
export type EventOf<T extends EventType> = Extract<FlowEvent, { readonly type: T }>;

/** An event before the journal gives it `v`, `seq` and `at`. */
export type EventDraft = FlowEvent extends infer E
  ? E extends FlowEvent
    ? Omit<E, 'v' | 'seq' | 'at' | 'run'>
    : never
  : never;

interface OnRun {
  readonly v: 1;
  /** From 1, without gaps. */
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly run: RunId;
}

interface OnHook extends OnRun {
  /** Its function's name. */
  readonly hook: string;
  /** The outcome that it was called for. */
  readonly on: RunStatusAtEnd;
}

interface OnGang extends OnRun {
  readonly step: string;
  /** From 1. */
  readonly attempt: number;
}

interface OnTask extends OnRun {
  readonly step: string;
  readonly position: Position;
  /** From 1. */
  readonly attempt: number;
}
