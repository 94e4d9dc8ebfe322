import type { ConfigDefinition } from '../../model/config.ts';
import type { ParameterDefinition } from '../../model/definition.ts';
import { EXIT, FlowError, isFlowError } from '../../model/errors.ts';
import { readAdded } from '../../runner/added/read-added.ts';
import { handleInterrupts } from '../../runtime/interrupt.ts';
import { type OpenedFlow, type OpenRequest, openFlow } from '../../runtime/open-flow.ts';
import { refuseParameters } from '../../runtime/refuse-parameters.ts';
import { runFlow } from '../../runtime/run-flow.ts';
import { soundGraph } from '../../runtime/sound-graph.ts';
import type { CommandResult } from '../command.ts';
import { joinConfigPairs, readConfigOptions } from '../config-options.ts';
import { parseFlowTarget } from '../flow-target.ts';
import { formatConfig } from '../format-config.ts';
import { GivenOptions } from '../given-options.ts';
import { type Host, helpWidth } from '../host.ts';
import { asksForHelp } from '../own-tokens.ts';
import { formatHelp } from '../parse-line.ts';
import { printWarnings } from '../print-warnings.ts';
import { readRunOptions } from '../read-run-options.ts';
import { parseRunLine, runLineSpec } from '../run-line.ts';
import { RESERVED_OPTION_NAMES, RUN_OPTIONS } from '../run-options.ts';
import { createReaders } from '../run-readers.ts';
import { type ScannedLine, scanLine } from '../scan-line.ts';
import { storeFolder } from '../store-folder.ts';

/** `flow run`: its line is read twice, since only the flow knows its parameters. */
export async function run(line: readonly string[], host: Host): Promise<CommandResult> {
  const tokens = joinConfigPairs(line);
  const scanned = scanLine(RUN_OPTIONS, tokens);
  if (asksForHelp(tokens)) return help(scanned, host);
  const file = scanned.words[0];
  // The second pass says what is wrong with a line that names no file.
  if (file === undefined) parseRunLine({ tokens, parameters: [], environment: {} });
  const opened = await openNamed(scanned, host, { ahead: startsAhead(scanned) });
  try {
    return await runOpened(opened, tokens, host);
  } finally {
    await opened.close();
  }
}

async function runOpened(
  opened: OpenedFlow,
  tokens: readonly string[],
  host: Host,
): Promise<CommandResult> {
  soundGraph(opened);
  printWarnings(opened, host);
  const line = parseRunLine({
    tokens,
    parameters: opened.definition.parameters,
    environment: host.environment,
  });
  const options = readRunOptions(line.options);
  const added = readAdded(line.options.texts('with'), host.cwd);
  const outcome = await opened.resolveParameters(line.parameters);
  const resolved = outcome.kind === 'resolved' ? outcome : refuseParameters(outcome.problems);
  const runIdFile = line.options.text('run-id-file');
  const { exitCode } = await runFlow(opened, {
    parameters: resolved.values,
    configs: resolved.configs,
    given: line.parameters,
    options,
    tags: line.options.texts('tag'),
    store: storeFolder(line.options.text('store'), host),
    cwd: host.cwd,
    interrupts: handleInterrupts,
    with: added.policies,
    withTexts: added.texts,
    readers: createReaders(host, {
      json: line.options.flag('json'),
      target: scanLine(RUN_OPTIONS, tokens).words[0] ?? '',
      store: line.options.text('store'),
    }),
    ...(runIdFile === undefined ? {} : { runIdFile }),
  });
  return { kind: 'done', exitCode };
}

async function openNamed(
  scanned: ScannedLine,
  host: Host,
  { ahead = false }: Pick<OpenRequest, 'ahead'> = {},
): Promise<OpenedFlow> {
  const { file, flow } = parseFlowTarget(scanned.words[0] ?? '');
  try {
    return await openFlow({
      file,
      cwd: host.cwd,
      store: storeFolder(scanned.given.get('store')?.[0], host),
      loadTimeoutMs: new GivenOptions(scanned.given).durationMs('load-timeout'),
      configs: readConfigOptions(new GivenOptions(scanned.given), host.cwd),
      reservedOptions: RESERVED_OPTION_NAMES,
      with: readAdded(scanned.given.get('with') ?? [], host.cwd).decorators,
      ahead,
      ...(flow === undefined ? {} : { flow }),
    });
  } catch (error) {
    const [parameter] = scanned.unknownBeforeWord;
    if (parameter === undefined || !isFlowError(error) || !error.code.startsWith('FLOW_FILE_')) {
      throw error;
    }
    throw new FlowError(error.message, {
      code: error.code,
      hint: `write the flow file before ${parameter}: flow run FILE ${parameter} …`,
    });
  }
}

/** A wrong word here is told by the second pass, and costs a process until then. */
function startsAhead({ given: texts }: ScannedLine): boolean {
  const given = new GivenOptions(texts);
  return given.isOn('spares') !== false && given.text('isolation') !== 'inline';
}

async function help(scanned: ScannedLine, host: Host): Promise<CommandResult> {
  const { parameters, flow, note } = await describeForHelp(scanned, host);
  const text = formatHelp(runLineSpec(parameters, `Parameters of ${flow}:`), helpWidth(host));
  host.stdout.write(`${text}${note}`);
  return { kind: 'done', exitCode: EXIT.ok };
}

interface HelpFacts {
  readonly parameters: readonly ParameterDefinition[];
  readonly flow: string;
  /** What follows the options. */
  readonly note: string;
}

/** Help is given for a flow that does not load, too; it then says why a part is missing. */
async function describeForHelp(scanned: ScannedLine, host: Host): Promise<HelpFacts> {
  const nothing = { parameters: [], flow: 'the flow' };
  if (scanned.words.length === 0) {
    return { ...nothing, note: '\nflow run FILE --help lists the parameters of that flow, too.\n' };
  }
  try {
    const opened = await openNamed(scanned, host);
    const { parameters, configs = [], name } = opened.definition;
    await opened.close();
    const note = parameters.length === 0 ? `\n${name} has no parameters.\n` : PARAMETER_NOTE;
    return { parameters, flow: name, note: `${note}${configsNote(configs, host.cwd)}` };
  } catch (error) {
    if (!isFlowError(error)) throw error;
    const reasons = [error.message, ...error.diagnostics.map(({ message }) => message)];
    return {
      ...nothing,
      note: `\nThe flow's parameters are missing here: ${reasons.join('\n  ')}\n`,
    };
  }
}

const PARAMETER_NOTE = `
A parameter batchSize is also MILLRACE_PARAM_BATCH_SIZE in the environment; the option wins.
After -- everything is a parameter; --run.<option> is always the option of flow run.
`;

function configsNote(configs: readonly ConfigDefinition[], cwd: string): string {
  if (configs.length === 0) return '';
  const lines = configs.map((config) => `  ${formatConfig(config, cwd)}\n`);
  return `\nConfigs, given with --config or --config-value:\n${lines.join('')}`;
}
