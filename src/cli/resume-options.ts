import { CONFIG_OPTIONS } from './config-options.ts';
import type { OptionSpec } from './option-spec.ts';
import { RUN_OPTIONS } from './run-options.ts';

/** What `flow resume` takes beside the options of a run. */
export const RESUME_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'origin-run-id',
    value: 'run',
    help: 'the run to go on from; a run id or a unique part of one, latest, or Flow/latest',
    defaultText: 'the latest run of the flow that has not succeeded',
  },
  {
    name: 'rerun',
    value: 'tasks',
    help: 'run these tasks again, and all that follows from them: step/task, separated by commas (repeatable)',
    repeatable: true,
  },
  { name: 'dry-run', help: 'print what would become of every task, and run nothing' },
  {
    name: 'steal',
    help: 'go on from a run that another host holds: only if you know that it is dead',
  },
  // Its configs are those of the origin.
  ...RUN_OPTIONS.filter((option) => !CONFIG_OPTIONS.includes(option)),
];
