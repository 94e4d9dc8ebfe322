import { EXIT } from '../../model/errors.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import { diagnosticData, drawDiagnostic } from '../draw-diagnostic.ts';
import { lookAtFlow } from '../look-at-flow.ts';

/** `flow check`: findings are exit code 1; a flow that cannot be loaded is 2. */
export async function check(input: CommandInput): Promise<CommandResult> {
  const { name, steps, diagnostics } = await lookAtFlow(input, (opened) => ({
    name: opened.definition.name,
    steps: opened.definition.steps.length,
    diagnostics: opened.diagnostics,
  }));
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  return {
    kind: 'data',
    data: { flow: name, ok: errors === 0, diagnostics: diagnostics.map(diagnosticData) },
    text: (colors) =>
      [
        ...diagnostics.map((diagnostic) => `${drawDiagnostic(diagnostic, input.host.cwd)}\n`),
        errors === 0
          ? `${colors.green('✓')} ${name} is in order: ${count(steps, 'step')}, ${count(diagnostics.length, 'warning')}`
          : `${colors.red('✗')} ${name} has ${count(errors, 'error')}, ${count(diagnostics.length - errors, 'warning')}`,
      ].join('\n'),
    isFinding: errors > 0,
    exitCode: errors === 0 ? EXIT.ok : EXIT.failed,
  };
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
