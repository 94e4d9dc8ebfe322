/** Time, injected, so that the scheduler and its tests need none. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Time that can be waited for. */
export interface Time extends Clock {
  /** Calls back once so much has passed; returns how to call it off. */
  after(delayMs: number, callBack: () => void): () => void;
  /** Said of work that goes on, until what is returned is called: time that is not real stands still. */
  hold?(): () => void;
}
