import { open, url, waitForDebugger as wait } from 'node:inspector';

/**
 * Opens this process to debuggers of this machine, and blocks until one says go. Node itself prints
 * the whole address.
 */
export function waitForDebugger(step: string): void {
  open(0, '127.0.0.1');
  const { host } = new URL(url() ?? 'ws://127.0.0.1');
  process.stderr.write(
    `Attach a debugger to ${host} (your editor, or chrome://inspect). It stops before ${step}: step into the call.\n`,
  );
  wait();
}
