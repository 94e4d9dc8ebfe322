import { constants } from 'node:os';
import { suspend } from '../process/supervisor.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type InterruptSignal = (typeof SIGNALS)[number];

export interface Interruptible {
  /** First signal: stop launching, end what runs, in its grace. */
  stop(reason: string): void;
  /** Second signal: end it now. */
  kill(): void;
}

/** Routes something from outside to the run in that folder of the store, until it is removed. */
export type InterruptSource = (target: Interruptible, dir: string) => Interrupts;

export interface Interrupts {
  /** The first signal that came, if one did. */
  readonly received: InterruptSignal | undefined;
  remove(): void;
}

interface Received extends Interrupts {
  received: InterruptSignal | undefined;
}

/** Routes the signals of this process to a run, and takes its handlers away again. */
export function handleInterrupts(target: Interruptible): Interrupts {
  const handle = (signal: InterruptSignal): void => {
    if (interrupts.received !== undefined) return target.kill();
    interrupts.received = signal;
    target.stop(signal);
  };
  const interrupts: Received = {
    received: undefined,
    remove: () => {
      for (const signal of SIGNALS) process.off(signal, handle);
      process.off('SIGTSTP', suspend);
    },
  };
  for (const signal of SIGNALS) process.on(signal, handle);
  process.on('SIGTSTP', suspend);
  return interrupts;
}

/** 129, 130 or 143: what a shell reports of a process that the signal ended. */
export function exitCodeOfSignal(signal: InterruptSignal): number {
  return 128 + constants.signals[signal];
}
