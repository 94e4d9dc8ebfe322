import { ISOLATIONS } from '../model/isolation.ts';
import { CONFIG_OPTIONS } from './config-options.ts';
import { JSON_OPTION, type OptionSpec, STORE_OPTION } from './option-spec.ts';

/** The options of `flow run`. A flow's parameters share its command line and must not take these names. */
export const RUN_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'max-workers',
    value: 'count',
    help: 'how many tasks run at the same time; one with @resources cpu: 2 counts twice',
    defaultText: 'number of cores',
  },
  {
    name: 'max-io',
    value: 'count',
    help: 'how many tasks with the hint io or network run beside them',
    defaultText: '4 for each core, at least 8',
  },
  {
    name: 'max-memory',
    value: 'size',
    help: 'what the tasks that run may ask for in @resources memory, together; e.g. 8GB',
    defaultText: '90 % of the memory',
  },
  {
    name: 'max-gpu',
    value: 'count',
    help: 'how many GPUs tasks may ask for, together',
    defaultText: 'those that are found',
  },
  {
    name: 'max-splits',
    value: 'count',
    help: 'the most items that one foreach may have',
    defaultText: '1000000',
  },
  {
    name: 'max-iterations',
    value: 'count',
    help: 'the most rounds that one loop may make',
    defaultText: '10000',
  },
  ...CONFIG_OPTIONS,
  {
    name: 'isolation',
    value: 'what',
    help: 'where tasks run whose step does not say it: each in a process of its own, many in one, in sequence, or in the one that starts the run',
    choices: ISOLATIONS,
    defaultText: 'process',
  },
  {
    name: 'spares',
    help: 'start processes, and import the flow in them, ahead of their tasks',
    negatable: true,
    defaultText: 'on',
  },
  { name: 'tag', value: 'tag', help: 'a label for the run (repeatable)', repeatable: true },
  {
    name: 'run-id-file',
    value: 'file',
    help: 'write the run id into this file as soon as there is one',
  },
  {
    name: 'on-failure',
    value: 'what',
    help: 'when a task failed for good: let running tasks end, kill them, or go on with what does not depend on it',
    choices: ['finish', 'kill', 'continue'],
    defaultText: 'finish',
  },
  {
    name: 'with',
    value: 'policy',
    help: 'add a decorator to every step that lacks it, e.g. retry:times=2, ./trace.ts:traced (repeatable)',
    repeatable: true,
  },
  {
    name: 'durability',
    value: 'what',
    help: 'survive the death of the process, or also a loss of power',
    choices: ['process', 'power'],
    defaultText: 'process',
  },
  {
    name: 'grace',
    value: 'time',
    help: 'how long a task that has to stop may take, before it is killed',
    defaultText: '5s',
  },
  {
    name: 'load-timeout',
    value: 'time',
    help: 'how long the import of the flow file may take',
    defaultText: '1m',
  },
  {
    name: 'max-log-size',
    value: 'size',
    help: 'keep so much of what one attempt prints, and drop the rest; e.g. 10MB',
    defaultText: 'everything is kept',
  },
  STORE_OPTION,
  { ...JSON_OPTION, help: 'print the events as JSON lines on stdout; errors too' },
];

/** Names that a parameter must not take. */
export const RESERVED_OPTION_NAMES: readonly string[] = [
  ...RUN_OPTIONS.map((option) => option.name),
  'help',
  'run',
];
