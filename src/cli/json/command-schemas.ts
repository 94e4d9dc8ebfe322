import {
  any,
  byName,
  fields,
  type JsonSchema,
  list,
  number,
  oneOf,
  orNull,
  part,
  text,
  truth,
  whole,
} from './json-schema.ts';

/** What one command prints with `--json`. */
export interface CommandOutput {
  readonly command: string;
  /** Where a command has several: which one this is. */
  readonly when?: string;
  /** `lines`: any number of documents, one a line. */
  readonly form: 'document' | 'lines';
  readonly schema: JsonSchema;
}

const FLOW = text('the name of the flow');
const RUN = text('the run id');
const TASK = text('`step/task`');
const STATUS = oneOf(
  ['running', 'succeeded', 'failed', 'cancelled', 'lost', 'unknown'],
  '`lost`: its process is gone without a last word; `unknown`: another host holds it',
);
const TAGS = list(text('a tag'), "the run's own");
const SYSTEM_TAGS = list(text('a tag'), 'what is true of the run, said as tags');
const STEPS = list(part('step', 'one'), 'in declaration order');

const event: JsonSchema = {
  ...fields({
    v: whole('the version of the event'),
    seq: whole('from 1, without gaps'),
    at: number('milliseconds since the epoch'),
    run: RUN,
    type: text('what happened; the other fields depend on it'),
  }),
  additionalProperties: any('see the journal in docs/store.md'),
};

const taskStatus = oneOf(
  ['running', 'waiting', 'succeeded', 'failed', 'cloned'],
  '`waiting`: for its next attempt; `cloned`: taken over by a resume',
);

const taskFacts = {
  task: TASK,
  status: taskStatus,
  attempts: list(part('attempt', 'one try'), 'none where a resume took the task over'),
};

const changes = (description: string): JsonSchema => list(part('change', 'one'), description);

const artifacts = byName(
  any('the value'),
  'values by name; what JSON lacks is text or an object with a `type`',
);

/** Every command that prints JSON, in the order of `flow --help`. */
export const COMMAND_OUTPUTS: readonly CommandOutput[] = [
  { command: 'run', form: 'lines', schema: event },
  { command: 'resume', form: 'lines', schema: event },
  {
    command: 'resume',
    when: 'with `--dry-run`',
    form: 'document',
    schema: fields({
      origin: text('the run to go on from'),
      tasks: list(
        fields({
          task: TASK,
          fate: oneOf(['clone', 'run', 'gone', 'depends'], 'what would become of it'),
          why: text('one sentence'),
        }),
        'of the origin, and those that are new',
      ),
      changed: list(text('a step'), 'steps whose own source has changed since'),
    }),
  },
  {
    command: 'spin',
    form: 'document',
    schema: fields(
      {
        spin: text('the id under which what it left is kept'),
        origin: text('the run'),
        task: TASK,
        status: oneOf(['succeeded', 'failed'], 'how it ended'),
        wallMs: number('how long it ran'),
      },
      {
        failure: part('failure', 'if it failed'),
        transition: part('transition', 'if it succeeded'),
        artifacts: byName(
          oneOf(['same', 'changed', 'new', 'unknown'], 'compared with the run'),
          'what it left, if it succeeded',
        ),
      },
    ),
  },
  {
    command: 'check',
    form: 'document',
    schema: fields({
      flow: FLOW,
      ok: truth('no errors'),
      diagnostics: list(part('diagnostic', 'one'), 'all at once'),
    }),
  },
  {
    command: 'show',
    form: 'document',
    schema: fields({
      flow: FLOW,
      doc: orNull(text('its description')),
      configs: list(part('config', 'one'), 'with their values'),
      parameters: list(part('parameter', 'one'), 'in declaration order'),
      steps: STEPS,
      exitHooks: any('what runs after a run, or null'),
    }),
  },
  {
    command: 'graph',
    form: 'document',
    schema: fields(
      {
        flow: FLOW,
        nodes: STEPS,
        edges: list(
          fields(
            {
              from: text('a step'),
              to: text('a step'),
              kind: oneOf(['next', 'foreach', 'case', 'back', 'gang'], '`back`: of a loop'),
            },
            { labels: list(text('a case'), 'of `case` and `back`') },
          ),
          'in declaration order',
        ),
      },
      { doc: text('its description') },
    ),
  },
  {
    command: 'runs',
    form: 'document',
    schema: list(
      fields({
        flow: FLOW,
        run: RUN,
        status: STATUS,
        startedAt: text('ISO 8601, UTC'),
        endedAt: orNull(text('of a lost run its last sign of life')),
        tags: TAGS,
        systemTags: SYSTEM_TAGS,
        origin: orNull(text('what it was resumed from')),
        host: orNull(text('of an `unknown` run: who holds it')),
      }),
      'the latest first',
    ),
  },
  {
    command: 'tag',
    form: 'document',
    schema: fields({ flow: FLOW, run: RUN, tags: TAGS, systemTags: SYSTEM_TAGS }),
  },
  {
    command: 'inspect',
    when: 'of a run',
    form: 'document',
    schema: fields({
      flow: FLOW,
      run: RUN,
      status: STATUS,
      startedAt: text('ISO 8601, UTC'),
      finishedAt: orNull(text('null while it runs')),
      origin: orNull(text('what it was resumed from')),
      tags: TAGS,
      parameters: byName(any('the value'), 'values by name'),
      file: orNull(text('the flow file; null where a program ran a class without one')),
      code: text('the hash of the prepared code'),
      options: any('the options of the run'),
      versions: fields({ millrace: text('its version'), node: text('its version') }),
      usage: orNull(part('usage', 'of all attempts')),
      failure: orNull(part('failure', 'if it failed')),
      steps: list(
        fields({
          name: text('the step'),
          running: whole('tasks'),
          succeeded: whole('tasks'),
          failed: whole('tasks'),
          cloned: whole('tasks that a resume took over'),
          retried: whole('attempts that another one followed'),
          usage: orNull(part('usage', 'of its attempts')),
        }),
        'those that have tasks',
      ),
    }),
  },
  {
    command: 'inspect',
    when: 'of a step in a foreach or a loop',
    form: 'document',
    schema: fields({
      step: text('its name'),
      tasks: list(fields(taskFacts), 'those that started or were taken over'),
    }),
  },
  {
    command: 'inspect',
    when: 'of a task',
    form: 'document',
    schema: fields({
      ...taskFacts,
      parents: list(TASK, 'the tasks that led to it'),
      children: list(TASK, 'the tasks that it led to'),
      artifacts: list(
        fields({
          name: text('of the artifact'),
          hash: text('sha256 of its bytes'),
          size: whole('bytes'),
          encoding: text('see docs/store.md'),
          own: truth('the task set it; else it is inherited'),
        }),
        'what it left',
      ),
    }),
  },
  {
    command: 'diff',
    form: 'document',
    schema: fields(
      {
        before: text('the earlier run, `Flow/run`'),
        after: text('the later run'),
        isSame: truth('nothing but times differs'),
        parameters: changes('values; large ones as `{ type, hash, size }`'),
        isCodeSame: truth('the same prepared code'),
        steps: changes('as they are declared'),
        tasks: changes('how they ended'),
        artifacts: changes('named `step/task/name`; values, large ones as `{ type, hash, size }`'),
        durationsMs: changes('by step'),
      },
      { status: part('change', 'where the runs ended otherwise') },
    ),
  },
  {
    command: 'why',
    form: 'document',
    schema: fields({
      task: TASK,
      reasons: list(
        fields(
          {
            kind: oneOf(
              [
                'begins-the-flow',
                'led-to-by',
                'taken-over',
                'not-done-in-origin',
                'ran-again',
                'failed',
                'running',
                'went-elsewhere',
                'waits-for',
                'needs-failed',
                'no-such-place',
                'run-stopped',
              ],
              'the other fields depend on it',
            ),
          },
          {
            tasks: list(TASK, 'of `led-to-by`'),
            origin: text('of `taken-over`, `not-done-in-origin`, `ran-again`: the origin run'),
            status: text('of `not-done-in-origin`: how it was there'),
            inputs: list(TASK, 'of `ran-again`: what ran again before it'),
            attempt: whole('of `failed`'),
            failure: part('failure', 'of `failed` and `needs-failed`'),
            // biome-ignore lint/suspicious/noThenProperty: the name in the journal
            then: oneOf(['retry', 'catch', 'replace', 'give-up'], 'of `failed`: what followed'),
            task: text('of `went-elsewhere`, `waits-for`, `needs-failed`'),
            transition: part('transition', 'of `went-elsewhere`'),
            reason: text('of `run-stopped`'),
          },
        ),
        'the nearest first',
      ),
    }),
  },
  {
    command: 'logs',
    form: 'lines',
    schema: fields({
      step: text('its name'),
      task: text('its place in the step'),
      attempt: whole('from 1'),
      stream: oneOf(['stdout', 'stderr'], 'where it was printed'),
      at: text('ISO 8601, UTC'),
      text: text('one line, without its end'),
    }),
  },
  {
    command: 'dump',
    when: 'of one task',
    form: 'document',
    schema: fields({ task: TASK, artifacts }),
  },
  {
    command: 'dump',
    when: 'of several tasks',
    form: 'document',
    schema: fields({ tasks: list(fields({ task: TASK, artifacts }), 'in the order of items') }),
  },
  {
    command: 'cancel',
    form: 'document',
    schema: fields({ flow: FLOW, run: RUN, status: STATUS }),
  },
  { command: 'delete', form: 'document', schema: fields({ flow: FLOW, run: RUN }) },
  {
    command: 'gc',
    form: 'document',
    schema: fields({
      dryRun: truth('nothing was removed'),
      runs: list(text('`Flow/run`'), 'runs that were deleted'),
      blobs: whole('artifacts that were removed'),
      codes: whole('prepared flows that were removed'),
      bytes: whole('what they took'),
    }),
  },
  {
    command: 'fsck',
    form: 'document',
    schema: fields({
      store: text('its folder'),
      ok: truth('no damage'),
      runs: whole('that were read'),
      blobs: whole('that were read'),
      bytes: whole('of blobs'),
      findings: list(part('diagnostic', 'one'), 'damage, and as warnings what only takes room'),
    }),
  },
  {
    command: 'new',
    form: 'document',
    schema: fields({ folder: text('what was made'), template: text('what it started from') }),
  },
];

/** What stands in the place of any of them when there is an error. */
export const ERROR_SCHEMA: JsonSchema = fields({
  error: {
    ...fields(
      {
        code: text('stable'),
        message: text('one sentence; not stable'),
        exitCode: whole('of the command'),
      },
      {
        hint: orNull(text('the remedy')),
        diagnostics: list(part('diagnostic', 'one'), 'of a flow that is not in order'),
        details: any('depends on the code'),
        stack: text('of a bug in Millrace'),
      },
    ),
    description: 'what went wrong',
  },
});
