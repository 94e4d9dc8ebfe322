import { onAbort } from '../base/on-abort.ts';
import { handleRequests } from '../runtime/handle-requests.ts';
import type { Interruptible, InterruptSource, Interrupts } from '../runtime/interrupt.ts';

/** Lets a program stop a run, as signals do on the command line: first gently, then at once. */
export class StopSwitch {
  #target: Interruptible | undefined;
  /** What was asked before the run could hear it. */
  #reason: string | undefined;
  readonly #forgetSignals: readonly (() => void)[];
  readonly #stopped = new AbortController();
  #requests: Interrupts | undefined;

  /** Throws the reason of a signal that has fired already. */
  constructor(signals: readonly (AbortSignal | undefined)[]) {
    const given = signals.filter((signal) => signal !== undefined);
    for (const signal of given) signal.throwIfAborted();
    this.#forgetSignals = given.map((signal) =>
      onAbort(signal, () => {
        this.#stopped.abort(signal.reason);
        this.stop(textOf(signal.reason));
      }),
    );
  }

  /** Fires with the first stop. Its reason is that of the signal that fired. */
  get signal(): AbortSignal {
    return this.#stopped.signal;
  }

  /** Hands the run over; without signal handlers, which would be the program's whole affair. */
  readonly source: InterruptSource = (target, dir) => {
    this.#target = target;
    this.#requests = handleRequests(target, dir);
    if (this.#reason !== undefined) target.stop(this.#reason);
    return { received: undefined, remove: () => this.release() };
  };

  /** Gently, once; asking again changes nothing. */
  stop(reason: string): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#stopped.abort(new Error(reason));
    this.#target?.stop(reason);
  }

  /** As Ctrl-C: the second call kills. */
  press(reason: string): void {
    if (this.#reason === undefined) this.stop(reason);
    else this.#target?.kill();
  }

  /** Nothing is left to stop. */
  release(): void {
    this.#target = undefined;
    this.#requests?.remove();
    for (const forget of this.#forgetSignals) forget();
  }
}

function textOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
