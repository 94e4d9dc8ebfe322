import { formatDurationMs } from '../base/duration.ts';
import { shellWord } from '../base/shell-word.ts';
import { didYouMean } from '../base/suggest.ts';
import type { ConfigProblem } from '../model/config.ts';
import { FlowError } from '../model/errors.ts';
import type { LoadProblem } from '../model/protocol.ts';
import { systemLimitOf } from '../model/system-limits.ts';
import type { ChildExit } from '../process/child-process.ts';
import type { SpawnError } from '../process/child-state.ts';

export type LoadTrouble =
  | { readonly kind: 'failed'; readonly problem: LoadProblem; readonly output?: string }
  | { readonly kind: 'exited'; readonly exit: ChildExit; readonly output: string }
  | { readonly kind: 'slow'; readonly afterMs: number; readonly output: string }
  /** The child answered something else than it was asked. */
  | { readonly kind: 'silent' };

/** What a person reads when a flow file cannot be loaded. Exit code 2: nothing was started. */
export function loadError(trouble: LoadTrouble, file: string): FlowError {
  switch (trouble.kind) {
    case 'failed':
      return problemError(trouble.problem, file, trouble.output ?? '');
    case 'exited':
      if (trouble.exit.spawnError !== undefined) return startError(trouble.exit.spawnError, file);
      return new FlowError(
        `${file} ended its process while it was imported: ${exitText(trouble.exit)}`,
        {
          code: 'FLOW_IMPORT_EXITED',
          hint: 'keep the module level of a flow file free of effects; put work into steps',
          details: { output: lastOf(trouble.output) },
        },
      );
    case 'slow':
      return new FlowError(
        `${file} was still being imported after ${formatDurationMs(trouble.afterMs)}`,
        {
          code: 'FLOW_IMPORT_SLOW',
          hint: 'look for a loop or an await at module level that never ends; --load-timeout allows more time',
          details: { output: lastOf(trouble.output) },
        },
      );
    case 'silent':
      return new FlowError(`${file} did not answer: its code interferes with the task's channel`, {
        code: 'FLOW_CHANNEL_BROKEN',
        hint: 'do not write to inherited file descriptors at module level',
      });
  }
}

function startError({ message, code }: SpawnError, file: string): FlowError {
  const limit = systemLimitOf(code);
  return new FlowError(`No process could be started for ${file}: ${message}`, {
    code: 'PROCESS_NOT_STARTED',
    ...(limit === undefined ? {} : { hint: limit.remedy }),
  });
}

/** What a message has room for. */
function lastOf(output: string): string {
  return output.slice(-4_000);
}

function problemError(problem: LoadProblem, file: string, output: string): FlowError {
  switch (problem.kind) {
    case 'threw': {
      const printed = output === '' ? {} : { output: lastOf(output) };
      const details = JSON.parse(JSON.stringify({ failure: problem.failure, ...printed }));
      const message = problem.failure.kind === 'user-error' ? problem.failure : undefined;
      const hint = message?.hint === undefined ? {} : { hint: message.hint };
      const what =
        message === undefined ? problem.failure.kind : `${message.name}: ${message.message}`;
      return message?.decorator === undefined
        ? new FlowError(`${file} could not be imported: ${what}`, {
            code: 'FLOW_IMPORT_FAILED',
            details,
            ...hint,
          })
        : new FlowError(`the flow mutator @${message.decorator} of ${file} threw ${what}`, {
            code: 'MUTATOR_THREW',
            details,
            ...hint,
          });
    }
    case 'with':
      return new FlowError(problem.message, {
        code: 'WITH_INVALID',
        ...(problem.hint === undefined ? {} : { hint: problem.hint }),
      });
    case 'configs':
      return configError(problem.problems);
    case 'no-flow':
      return new FlowError(`${file} exports no flow`, {
        code: 'FLOW_NOT_FOUND',
        hint: 'export a class that extends FlowSpec and has a start step',
      });
    case 'several-flows':
      return new FlowError(
        `${file} exports ${problem.names.length} flows: ${problem.names.join(', ')}`,
        {
          code: 'FLOW_AMBIGUOUS',
          hint: `say which one: ${shellWord(`${file}:${problem.names[0]}`)}`,
        },
      );
    case 'unknown-flow':
      return new FlowError(`${file} exports no flow "${problem.asked}"`, {
        code: 'FLOW_NOT_FOUND',
        hint: didYouMean(problem.asked, problem.names) ?? `it exports ${problem.names.join(', ')}`,
      });
  }
}

function exitText(exit: ChildExit): string {
  return exit.signal === null ? `exit code ${exit.code ?? 0}` : `signal ${exit.signal}`;
}

/** All of them at once, each with its place. */
function configError(problems: readonly ConfigProblem[]): FlowError {
  const [only, ...others] = problems;
  const code = 'CONFIG_INVALID';
  if (only !== undefined && others.length === 0 && only.span === undefined) {
    return new FlowError(only.message, {
      code,
      ...(only.hint === undefined ? {} : { hint: only.hint }),
    });
  }
  const names = new Set(problems.map(({ config }) => config));
  const count = names.size === 1 ? 'a config' : `${names.size} configs`;
  return new FlowError(`${count} cannot be used`, {
    code,
    diagnostics: problems.map(({ message, hint, span }) => ({
      code: 'config-invalid',
      severity: 'error',
      message,
      ...(hint === undefined ? {} : { hint }),
      ...(span === undefined ? {} : { span }),
    })),
  });
}
