import { FlowError } from '../model/errors.ts';
import type { SpawnError } from './child-state.ts';
import { folderProblem } from './folder-problem.ts';

/** Why a command never ran. The system says ENOENT for a missing program and a missing folder alike. */
export function startError(
  error: SpawnError,
  [program = '']: readonly string[],
  cwd: string,
): FlowError {
  const problem = folderProblem(cwd);
  if (problem !== undefined) {
    return new FlowError(`${program} cannot be started in ${cwd}: ${problem}`, {
      code: 'FOLDER_MISSING',
      hint: 'give a cwd that is there and may be entered',
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
