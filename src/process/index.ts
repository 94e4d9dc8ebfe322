/**
 * Starts commands from a program and owns them: output in files, readable from any position, and
 * nothing left behind.
 *
 * @packageDocumentation
 */
export { FlowError, isFlowError } from '../model/errors.ts';
export type { ReadOptions } from './output-log.ts';
export type { OutputLine } from './positioned-lines.ts';
export type {
  KillOptions,
  OutputStream,
  Subprocess,
  SubprocessOptions,
  SubprocessStatus,
  SubprocessWaitOptions,
} from './subprocess.ts';
export { SubprocessManager } from './subprocess-manager.ts';
