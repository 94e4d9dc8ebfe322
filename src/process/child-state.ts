/**
 * The life of one child, as data. Effects are names; child-process.ts carries them out.
 *
 *   starting ──spawned──▶ running ──stop──▶ stopping ──grace-over/kill──▶ killed
 *      │                     │                  │                           │
 *      │ spawn-failed        └───────exited─────┴──────────exited───────────┘
 *      ▼                                        ▼
 *   stopped ◀──drained── draining ──drain-over──▶ cutting ──drained──▶ stopped
 *
 * `stop` and `kill` act in `starting` as in `running`; after the exit nothing is left to stop.
 */
export type ChildState =
  | { readonly phase: 'starting' }
  | { readonly phase: 'running' }
  /** TERM is out; the grace period runs. */
  | { readonly phase: 'stopping'; readonly reason: string }
  /** KILL is out. */
  | { readonly phase: 'killed' }
  /** The process is gone, its pipes are still being read. */
  | { readonly phase: 'draining'; readonly exit: ChildExit }
  /** Somebody else holds a pipe open: its group is killed, the pipes are being cut. */
  | { readonly phase: 'cutting'; readonly exit: ChildExit }
  | { readonly phase: 'stopped'; readonly exit: ChildExit };

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** It never ran. */
  readonly spawnError?: SpawnError;
  /** The first error of `onLog`; what came after was read and dropped. */
  readonly logError?: unknown;
}

export interface SpawnError {
  readonly message: string;
  /** `ENOENT`, `EAGAIN`, `EMFILE`, … */
  readonly code?: string;
}

export type ChildEvent =
  | { readonly type: 'spawned' }
  | { readonly type: 'spawn-failed'; readonly error: SpawnError }
  | { readonly type: 'stop'; readonly reason: string }
  | { readonly type: 'kill' }
  | { readonly type: 'grace-over' }
  | { readonly type: 'exited'; readonly exit: ChildExit }
  | { readonly type: 'drain-over' }
  | { readonly type: 'drained'; readonly logError?: unknown };

export type ChildEffect = 'term' | 'kill' | 'start-grace' | 'start-drain' | 'cut' | 'settle';

export interface ChildStep {
  readonly state: ChildState;
  readonly effects: readonly ChildEffect[];
}

export function advanceChild(state: ChildState, event: ChildEvent): ChildStep {
  switch (state.phase) {
    case 'starting':
    case 'running':
    case 'stopping':
    case 'killed':
      return advanceLiving(state, event);
    case 'draining':
    case 'cutting':
      return advanceGone(state, event);
    case 'stopped':
      return stay(state);
  }
}

type Living = Extract<ChildState, { phase: 'starting' | 'running' | 'stopping' | 'killed' }>;
type Gone = Extract<ChildState, { phase: 'draining' | 'cutting' }>;

function advanceLiving(state: Living, event: ChildEvent): ChildStep {
  switch (event.type) {
    case 'spawned':
      return state.phase === 'starting' ? go({ phase: 'running' }) : stay(state);
    case 'spawn-failed': {
      const exit = { code: null, signal: null, spawnError: event.error };
      return go({ phase: 'stopped', exit }, 'settle');
    }
    case 'stop':
      return state.phase === 'starting' || state.phase === 'running'
        ? go({ phase: 'stopping', reason: event.reason }, 'term', 'start-grace')
        : stay(state);
    case 'kill':
      return state.phase === 'killed' ? stay(state) : go({ phase: 'killed' }, 'kill');
    case 'grace-over':
      return state.phase === 'stopping' ? go({ phase: 'killed' }, 'kill') : stay(state);
    case 'exited':
      return go({ phase: 'draining', exit: event.exit }, 'start-drain');
    case 'drain-over':
    case 'drained':
      return stay(state);
  }
}

function advanceGone(state: Gone, event: ChildEvent): ChildStep {
  switch (event.type) {
    case 'drained': {
      const exit =
        event.logError === undefined ? state.exit : { ...state.exit, logError: event.logError };
      return go({ phase: 'stopped', exit }, 'settle');
    }
    case 'drain-over':
      return state.phase === 'draining' ? go({ ...state, phase: 'cutting' }, 'cut') : stay(state);
    case 'spawned':
    case 'spawn-failed':
    case 'stop':
    case 'kill':
    case 'grace-over':
    case 'exited':
      return stay(state);
  }
}

function go(state: ChildState, ...effects: readonly ChildEffect[]): ChildStep {
  return { state, effects };
}

function stay(state: ChildState): ChildStep {
  return { state, effects: [] };
}
