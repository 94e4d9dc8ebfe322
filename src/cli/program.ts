import { shellWord } from '../base/shell-word.ts';
import { didYouMean } from '../base/suggest.ts';
import { EXIT, FlowError } from '../model/errors.ts';
import type { CommandResult, CommandSpec } from './command.ts';
import { COMMANDS } from './command-table.ts';
import { joinConfigPairs } from './config-options.ts';
import { GivenOptions } from './given-options.ts';
import { createColors, type Host, helpWidth } from './host.ts';
import { asksForHelp, beforeDashes } from './own-tokens.ts';
import { formatHelp, parseLine } from './parse-line.ts';
import { formatProgramHelp } from './program-help.ts';

/** One command line, from its words to the exit code. Everything a command returns is printed here. */
export async function runProgram(tokens: readonly string[], host: Host): Promise<number> {
  const exitCode = await dispatch(tokens, host).catch((error) => showError(error, tokens, host));
  await Promise.all([host.stdout.flush(), host.stderr.flush()]);
  const { failure } = host.stdout;
  if (failure === undefined) return exitCode;
  host.stderr.write(`error: not all of the output could be written: ${failure.message}\n`);
  await host.stderr.flush();
  return exitCode === EXIT.ok ? EXIT.failed : exitCode;
}

async function dispatch(tokens: readonly string[], host: Host): Promise<number> {
  const [name, ...rest] = tokens;
  const width = helpWidth(host);
  if (name === undefined) {
    host.stderr.write(formatProgramHelp(width));
    return EXIT.notStarted;
  }
  if (name === '--help' || name === '-h') {
    host.stdout.write(formatProgramHelp(width));
    return EXIT.ok;
  }
  if (name === 'help') return dispatch(rest.length === 0 ? ['--help'] : [...rest, '--help'], host);
  if (name === 'run') {
    const { run } = await import('./commands/run.ts');
    return print(await run(rest, host), { host, json: false });
  }
  const spec = COMMANDS.find((command) => command.name === name);
  if (spec === undefined) throw unknownCommand(name);
  return runCommand(spec, rest, host);
}

async function runCommand(
  spec: CommandSpec,
  tokens: readonly string[],
  host: Host,
): Promise<number> {
  const lineSpec = { ...spec, name: `flow ${spec.name}` };
  if (asksForHelp(tokens)) {
    host.stdout.write(formatHelp(lineSpec, helpWidth(host)));
    return EXIT.ok;
  }
  const line = parseLine(lineSpec, joinConfigPairs(tokens));
  const options = new GivenOptions(line.given);
  const handler = await spec.load();
  const result = await handler({ words: line.words, options, host });
  return print(result, { host, json: options.flag('json') });
}

interface PrintTarget {
  readonly host: Host;
  readonly json: boolean;
}

async function print(result: CommandResult, { host, json }: PrintTarget): Promise<number> {
  switch (result.kind) {
    case 'data': {
      const output = result.isFinding === true && !json ? host.stderr : host.stdout;
      const text = json
        ? JSON.stringify(result.data)
        : result.text(createColors(output, host.environment));
      if (text !== '') output.write(`${text}\n`);
      return result.exitCode ?? EXIT.ok;
    }
    case 'stream':
      for await (const chunk of result.chunks) {
        if (host.stdout.isClosed) break;
        await host.stdout.writeAll(chunk);
      }
      return EXIT.ok;
    case 'done':
      return result.exitCode;
  }
}

function unknownCommand(name: string): FlowError {
  if (name.startsWith('-')) {
    return new FlowError(`unknown option ${name}`, {
      code: 'OPTION_UNKNOWN',
      hint:
        didYouMean(name, ['--version', '--help']) ??
        'options come after the command; see flow --help',
    });
  }
  const isFile = /\.[cm]?[jt]sx?(:[^:]+)?$/.test(name);
  const names = ['run', 'help', ...COMMANDS.map((command) => command.name)];
  return new FlowError(`unknown command "${name}"`, {
    code: 'COMMAND_UNKNOWN',
    hint: isFile
      ? `to run it: flow run ${shellWord(name)}`
      : (didYouMean(name, names) ?? 'see flow --help'),
  });
}

/** With --json errors go where the data would have gone, so that one reader gets both. */
async function showError(error: unknown, tokens: readonly string[], host: Host): Promise<number> {
  const json = beforeDashes(tokens).includes('--json');
  const output = json ? host.stdout : host.stderr;
  const colors = createColors(output, host.environment);
  const { printError } = await import('./print-error.ts');
  const printed = printError(error, { colors, cwd: host.cwd, json });
  output.write(printed.text);
  return printed.exitCode;
}
