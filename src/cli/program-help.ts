import { Command } from 'commander';
import { COMMANDS } from './command-table.ts';
import type { ArgumentSpec } from './option-spec.ts';

/** The one command that is not in the table, since its line also holds the flow's parameters. */
export const RUN = {
  name: 'run',
  summary: 'Runs a flow, each task in a process of its own.',
  arguments: [{ name: 'file', help: 'the flow file, or file:Flow where it holds several' }],
};

/** What `flow --help` prints. */
export function formatProgramHelp(width: number): string {
  const program = new Command('flow')
    .description('Runs typed flows: every task in its own process, every artifact kept.')
    .usage('<command> [options]')
    .helpOption('-h, --help', 'print this help, or that of a command')
    .helpCommand(false)
    .option('-V, --version', 'print the version')
    .configureOutput({ getOutHelpWidth: () => width, getOutHasColors: () => false });
  for (const spec of [RUN, ...COMMANDS]) {
    const command = program.command(spec.name).summary(spec.summary).helpOption(false);
    for (const argument of spec.arguments) command.argument(argumentUsage(argument));
  }
  return program.helpInformation();
}

function argumentUsage({ name, optional }: Pick<ArgumentSpec, 'name' | 'optional'>): string {
  return optional === true ? `[${name}]` : `<${name}>`;
}
