import { statSync } from 'node:fs';
import { FlowError } from '../model/errors.ts';
import type { SpawnError } from './child-state.ts';

/** Why a command never ran. The system says ENOENT for a missing program and a missing folder alike. */
export function startError(
  error: SpawnError,
  [program = '']: readonly string[],
  cwd: string,
): FlowError {
  if (!isFolder(cwd)) {
    return new FlowError(`${program} cannot be started in ${cwd}: there is no such folder`, {
      code: 'FOLDER_MISSING',
      hint: 'make the folder, or give another cwd',
    });
  }
  if (error.code === 'ENOENT') {
    return new FlowError(`there is no program ${program}`, {
      code: 'COMMAND_NOT_FOUND',
      hint: "install it, give its path, or, for a line of a shell, use ['sh', '-c', line]",
    });
  }
  return new FlowError(`${program} could not be started: ${error.message}`, {
    code: 'COMMAND_NOT_STARTED',
    ...(error.code === undefined ? {} : { details: { code: error.code } }),
  });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
