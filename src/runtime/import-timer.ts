import type { Failure } from '../model/failure.ts';

export const DEFAULT_LOAD_TIMEOUT_MS = 60_000;

/** Ends an import that takes too long: a loop or a wait at module level would hold the run up for ever. */
export class ImportTimer {
  readonly #timeoutMs: number;
  readonly #timer: NodeJS.Timeout;
  #isElapsed = false;

  constructor(timeoutMs: number | undefined, onElapsed: () => void) {
    this.#timeoutMs = timeoutMs ?? DEFAULT_LOAD_TIMEOUT_MS;
    this.#timer = setTimeout(() => {
      this.#isElapsed = true;
      onElapsed();
    }, this.#timeoutMs);
  }

  /** Why the child was ended, if it was for this. */
  get failure(): Extract<Failure, { readonly kind: 'timeout' }> | undefined {
    return this.#isElapsed
      ? { kind: 'timeout', afterMs: this.#timeoutMs, during: 'import' }
      : undefined;
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
