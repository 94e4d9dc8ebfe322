import { handleRequests } from '../runtime/handle-requests.ts';
import type { Interruptible, InterruptSource, Interrupts } from '../runtime/interrupt.ts';

/** Lets a program stop a run, as signals do on the command line: first gently, then at once. */
export class StopSwitch {
  #target: Interruptible | undefined;
  /** What was asked before the run could hear it. */
  #reason: string | undefined;
  #asked = 0;
  readonly #signal: AbortSignal | undefined;
  #requests: Interrupts | undefined;
  readonly #onAbort = (): void => this.stop(reasonOf(this.#signal));

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Hands the run over; without signal handlers, which would be the program's whole affair. */
  readonly source: InterruptSource = (target, dir) => {
    this.#target = target;
    this.#requests = handleRequests(target, dir);
    if (this.#reason !== undefined) target.stop(this.#reason);
    return { received: undefined, remove: () => this.#release() };
  };

  /** The second call kills. */
  stop(reason: string): void {
    this.#asked += 1;
    this.#reason ??= reason;
    if (this.#asked === 1) this.#target?.stop(reason);
    else this.#target?.kill();
  }

  #release(): void {
    this.#target = undefined;
    this.#requests?.remove();
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }
}

function reasonOf(signal: AbortSignal | undefined): string {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason.message : String(reason);
}
