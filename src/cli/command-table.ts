import type { CommandSpec } from './command.ts';
import { CONFIG_OPTIONS } from './config-options.ts';
import { JSON_OPTION, type OptionSpec, STORE_OPTION } from './option-spec.ts';
import { RESUME_OPTIONS } from './resume-options.ts';

const FILE_ARGUMENT = { name: 'file', help: 'the flow file, or file:Flow where it holds several' };

const RUN_ARGUMENT_HELP = 'a run id or a unique part of one, latest, or Flow/latest';

const FORMAT_OPTION: OptionSpec = {
  name: 'format',
  value: 'format',
  help: 'how to draw it',
  choices: ['text', 'mermaid', 'dot', 'json'],
  defaultText: 'text',
};

/** Every command but `run`, whose line also holds the flow's parameters. */
export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'resume',
    summary: 'Goes on from a run that failed or was cut short: what ended well is not run again.',
    arguments: [
      FILE_ARGUMENT,
      { name: 'step', help: 'run this step again, and all that follows from it', optional: true },
    ],
    options: RESUME_OPTIONS,
    unknownOptionHint:
      'parameters and configs are those of the origin run; with others, start a new run with flow run',
    load: async () => (await import('./commands/resume.ts')).resume,
  },
  {
    name: 'spin',
    summary: 'Runs one task of a run again, on its recorded inputs and with the code as it is now.',
    arguments: [{ name: 'run/step[/task]', help: RUN_ARGUMENT_HELP }],
    options: [
      {
        name: 'set',
        value: 'name=json',
        help: 'let it start with another value of this field or parameter (repeatable)',
        repeatable: true,
      },
      { name: 'inspect', help: 'wait for a debugger, and stop right before the step' },
      {
        name: 'file',
        value: 'file',
        help: 'the flow file, where it is not where it was',
        defaultText: 'the file of the run',
      },
      STORE_OPTION,
      JSON_OPTION,
    ],
    load: async () => (await import('./commands/spin.ts')).spin,
  },
  {
    name: 'check',
    summary: 'Reports everything that is wrong with a flow, without running it.',
    arguments: [FILE_ARGUMENT],
    options: [...CONFIG_OPTIONS, JSON_OPTION],
    load: async () => (await import('./commands/check.ts')).check,
  },
  {
    name: 'show',
    summary: 'Prints what a flow declares: configs, parameters, steps, decorators, transitions.',
    arguments: [FILE_ARGUMENT],
    options: [...CONFIG_OPTIONS, JSON_OPTION],
    load: async () => (await import('./commands/show.ts')).show,
  },
  {
    name: 'graph',
    summary: 'Draws the graph of a flow.',
    arguments: [FILE_ARGUMENT],
    options: [FORMAT_OPTION, ...CONFIG_OPTIONS, JSON_OPTION],
    load: async () => (await import('./commands/graph.ts')).graph,
  },
  {
    name: 'runs',
    summary: 'Lists the runs of the store, the latest first.',
    arguments: [],
    options: [
      { name: 'limit', value: 'count', help: 'how many at most', defaultText: '20' },
      {
        name: 'tag',
        value: 'tag',
        help: 'only runs with this tag, a system tag too (repeatable: with all of them)',
        repeatable: true,
      },
      {
        name: 'status',
        value: 'status',
        help: 'only runs in this state',
        choices: ['running', 'succeeded', 'failed', 'cancelled', 'lost', 'unknown'],
      },
      { name: 'flow', value: 'name', help: 'only runs of this flow' },
      {
        name: 'since',
        value: 'time',
        help: 'only runs that were started since: 2h, 7d, or a date such as 2026-11-20T08:00, in UTC unless it says otherwise',
      },
      STORE_OPTION,
      JSON_OPTION,
    ],
    load: async () => (await import('./commands/runs.ts')).runs,
  },
  {
    name: 'tag',
    summary: 'Changes or lists the tags of a run, in whatever state it is.',
    arguments: [
      { name: 'action', help: 'add, remove, replace (all of them), or list' },
      { name: 'run', help: RUN_ARGUMENT_HELP },
      {
        name: 'tags',
        help: 'what to add, remove, or have instead',
        optional: true,
        variadic: true,
      },
    ],
    options: [STORE_OPTION, JSON_OPTION],
    load: async () => (await import('./commands/tag.ts')).tag,
  },
  {
    name: 'inspect',
    summary:
      'Prints what is recorded of a run, a step or a task: times, usage, failures, artifacts.',
    arguments: [{ name: 'run[/step[/task]]', help: RUN_ARGUMENT_HELP }],
    options: [STORE_OPTION, JSON_OPTION],
    load: async () => (await import('./commands/inspect.ts')).inspect,
  },
  {
    name: 'diff',
    summary: 'Tells in what a run differs from an earlier one. Exit code 1 if it does.',
    arguments: [
      { name: 'earlier', help: RUN_ARGUMENT_HELP },
      { name: 'later', help: 'the other run, named in the same way' },
    ],
    options: [STORE_OPTION, JSON_OPTION],
    load: async () => (await import('./commands/diff.ts')).diff,
  },
  {
    name: 'why',
    summary: 'Tells why a task ran, failed, was taken over, or never was.',
    arguments: [{ name: 'run/step[/task]', help: RUN_ARGUMENT_HELP }],
    options: [STORE_OPTION, JSON_OPTION],
    load: async () => (await import('./commands/why.ts')).why,
  },
  {
    name: 'logs',
    summary: 'Prints what the tasks of a run wrote.',
    arguments: [{ name: 'run[/step[/task]]', help: RUN_ARGUMENT_HELP }],
    options: [
      {
        name: 'follow',
        short: 'f',
        help: 'go on with what is printed from now on, until the run, or the one task, ends',
      },
      { name: 'stdout', help: 'only standard output' },
      { name: 'stderr', help: 'only standard error' },
      { name: 'timestamps', help: 'put the time of writing before each line' },
      { name: 'attempt', value: 'number', help: 'only this attempt', defaultText: 'all' },
      STORE_OPTION,
      JSON_OPTION,
    ],
    load: async () => (await import('./commands/logs.ts')).logs,
  },
  {
    name: 'dump',
    summary: 'Prints the artifacts of tasks.',
    arguments: [{ name: 'run/step[/task[/artifact]]', help: RUN_ARGUMENT_HELP }],
    options: [
      {
        name: 'include',
        value: 'names',
        help: 'only these artifacts, separated by commas (repeatable)',
        repeatable: true,
      },
      {
        name: 'max-value-size',
        value: 'bytes',
        help: 'values larger than this are only described',
        defaultText: '1000000, none with --json or --file',
      },
      { name: 'file', value: 'file', help: 'write the values into this file, as JSON' },
      STORE_OPTION,
      JSON_OPTION,
    ],
    load: async () => (await import('./commands/dump.ts')).dump,
  },
  {
    name: 'cancel',
    summary: 'Stops a run that goes on in another terminal or program, and waits for its end.',
    arguments: [{ name: 'run', help: RUN_ARGUMENT_HELP }],
    options: [
      { name: 'now', help: 'kill its tasks at once, without their grace' },
      STORE_OPTION,
      JSON_OPTION,
    ],
    load: async () => (await import('./commands/cancel.ts')).cancel,
  },
  {
    name: 'delete',
    summary: 'Deletes a run. What only it needed goes with the next flow gc.',
    arguments: [{ name: 'run', help: RUN_ARGUMENT_HELP }],
    options: [STORE_OPTION, JSON_OPTION],
    load: async () => (await import('./commands/delete.ts')).deleteOne,
  },
  {
    name: 'gc',
    summary: 'Removes what no run needs any more; with keep rules, runs too.',
    arguments: [],
    options: [
      {
        name: 'keep-last',
        value: 'count',
        help: 'delete runs, but keep so many of each flow, the latest',
      },
      { name: 'keep-for', value: 'time', help: 'delete runs, but keep those that are younger' },
      {
        name: 'keep-tag',
        value: 'tag',
        help: 'delete runs, but keep those with this tag (repeatable)',
        repeatable: true,
      },
      {
        name: 'unused-for',
        value: 'time',
        help: 'remove only what nobody needed for so long; while runs go on, not less than 24h',
        defaultText: '24h',
      },
      { name: 'dry-run', help: 'say what would go, and remove nothing' },
      STORE_OPTION,
      JSON_OPTION,
    ],
    notes: `
A run is kept if one of the rules keeps it, or if it still runs. Without a rule all runs are kept.
Runs may start, go on and end while garbage is collected.
`,
    load: async () => (await import('./commands/gc.ts')).gc,
  },
  {
    name: 'fsck',
    summary: 'Checks a store: journals, blobs, and whether all that runs name is there.',
    arguments: [],
    options: [STORE_OPTION, JSON_OPTION],
    load: async () => (await import('./commands/fsck.ts')).fsck,
  },
  {
    name: 'new',
    summary: 'Starts a project: a folder with a flow that runs.',
    arguments: [{ name: 'name', help: 'the folder to make' }],
    options: [
      {
        name: 'template',
        value: 'template',
        help: 'what to start from',
        choices: ['minimal', 'foreach', 'branches'],
        defaultText: 'minimal',
      },
      JSON_OPTION,
    ],
    load: async () => (await import('./commands/new.ts')).newProject,
  },
];
