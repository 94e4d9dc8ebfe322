import { type Client, openClient } from '../../client/client.ts';
import { type ForeseenResume, foreseeResume } from '../../runner/resume/foresee-resume.ts';
import { type OpenedForResume, openForResume } from '../../runner/resume/open-for-resume.ts';
import { planResume } from '../../runner/resume/plan-resume.ts';
import { resumeValues } from '../../runner/resume/resume-values.ts';
import { handleInterrupts } from '../../runtime/interrupt.ts';
import { runFlow } from '../../runtime/run-flow.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import { parseFlowTarget } from '../flow-target.ts';
import { formatTable } from '../format-table.ts';
import { printWarnings } from '../print-warnings.ts';
import { readRunOptions } from '../read-run-options.ts';
import { RESERVED_OPTION_NAMES } from '../run-options.ts';
import { createReaders } from '../run-readers.ts';
import { storeFolder } from '../store-folder.ts';

/** `flow resume`: a new run that takes over what ended well in an earlier one. */
export async function resume(input: CommandInput): Promise<CommandResult> {
  const { words, options, host } = input;
  const client = openClient(storeFolder(options.text('store'), host));
  const resuming = await openForResume({
    client,
    open: {
      ...parseFlowTarget(words[0] ?? ''),
      cwd: host.cwd,
      store: client.root,
      loadTimeoutMs: options.durationMs('load-timeout'),
      reservedOptions: RESERVED_OPTION_NAMES,
    },
    origin: options.text('origin-run-id'),
    with: options.texts('with'),
  });
  try {
    return await resumeOpened(resuming, input, client);
  } finally {
    await resuming.opened.close();
  }
}

async function resumeOpened(
  resuming: OpenedForResume,
  { words, options, host }: CommandInput,
  client: Client,
): Promise<CommandResult> {
  const { opened, graph, added } = resuming;
  printWarnings(opened, host);
  const again = { step: words[1], rerun: options.texts('rerun'), steal: options.flag('steal') };
  const plan = await planResume(resuming, again, client);
  const runOptions = readRunOptions(options);
  if (options.flag('dry-run')) return showForeseen(foreseeResume(plan, graph, runOptions));
  const runIdFile = options.text('run-id-file');
  const { exitCode } = await runFlow(opened, {
    ...(await resumeValues(opened, plan, host.environment)),
    options: runOptions,
    tags: options.texts('tag'),
    store: client.root,
    cwd: host.cwd,
    interrupts: handleInterrupts,
    with: added.policies,
    withTexts: added.texts,
    readers: createReaders(host, {
      json: options.flag('json'),
      target: words[0] ?? '',
      store: options.text('store'),
    }),
    resume: plan,
    ...(runIdFile === undefined ? {} : { runIdFile }),
  });
  return { kind: 'done', exitCode };
}

function showForeseen({ origin, tasks, changed }: ForeseenResume): CommandResult {
  const table = formatTable(tasks.map(({ task, fate, why }) => [fate, task, why]));
  const note = `changed since that run: ${changed.join(', ')} (name a step to run it again)`;
  return {
    kind: 'data',
    data: { origin, tasks: tasks.map((task) => ({ ...task })), changed },
    text: () => (changed.length === 0 ? table : `${table}\n\n${note}`),
  };
}
