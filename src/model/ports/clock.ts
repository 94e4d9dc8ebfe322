/** Time, injected, so that the scheduler and its tests need none. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}
