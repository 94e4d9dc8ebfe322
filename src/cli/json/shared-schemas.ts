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

const FAILURES = [
  'user-error',
  'exit',
  'signal',
  'timeout',
  'out-of-memory',
  'spawn',
  'lost',
  'protocol',
  'cancelled',
  'upstream',
];

const frame = fields(
  {
    file: text('the source file'),
    line: whole('from 1'),
    column: whole('from 1'),
    own: truth('false in packages, Node and Millrace'),
  },
  { function: text('its name') },
);

/** What an exception is, beside `kind`. */
const exception = {
  name: text('of the class of the error'),
  message: text('what it says'),
  frames: list(frame, "the stack, the user's frames first"),
};

const exceptionIfAny = {
  code: text("the error's own code"),
  hint: text('the remedy, where it is an error of Millrace'),
  fields: byName(any('a value'), 'its own fields'),
  cause: part('failure', 'what caused it'),
  decorator: text('the custom decorator that threw it'),
};

/** What several outputs hold; they name it as `#/$defs/…`. */
export const SHARED_SCHEMAS: { readonly [name: string]: JsonSchema } = {
  usage: {
    ...fields(
      { wallMs: number('from launch to exit') },
      {
        queuedMs: number('from ready to launched'),
        cpuMs: number('CPU time'),
        peakRssBytes: number('the most memory at a time'),
      },
    ),
    description:
      'What an attempt used, with all that it started. Of several: sums; of memory the most.',
  },
  failure: {
    ...fields(
      { kind: oneOf(FAILURES, 'what happened; the other fields depend on it') },
      {
        ...exception,
        ...exceptionIfAny,
        code: any("of `exit` the exit code; of `user-error` the error's own code"),
        signal: text('of `signal`'),
        afterMs: number('of `timeout`'),
        during: oneOf(['import'], 'of `timeout`: before the step began'),
        by: oneOf(['limit', 'heap', 'kernel'], 'of `out-of-memory`'),
        limitBytes: number('of `out-of-memory`: what was allowed'),
        usedBytes: number('of `out-of-memory`: the most that was seen'),
        curve: list(
          fields({ atMs: number('since the launch'), bytes: number('of memory') }),
          'of `out-of-memory`: how it got there',
        ),
        errno: text('of `spawn`'),
        reason: text('of `cancelled`'),
        task: text('of `upstream`: the task that failed'),
      },
    ),
    description: 'Why an attempt, or a run, did not succeed.',
  },
  diagnostic: {
    ...fields({
      code: text('stable; `flow check` explains each in docs/lint.md'),
      severity: oneOf(['error', 'warning'], 'warnings do not change the exit code'),
      message: text('one sentence'),
      hint: orNull(text('the remedy')),
      span: orNull({
        ...fields({
          file: text('the source file'),
          line: whole('from 1'),
          column: whole('from 1'),
          length: whole('characters that it is about'),
        }),
        description: 'the place',
      }),
    }),
    description: 'Something found by a check.',
  },
  attempt: {
    ...fields({
      attempt: whole('from 1'),
      launchedAt: text('ISO 8601, UTC'),
      endedAt: orNull(text('null while it runs')),
      pid: orNull(whole('its process')),
      usage: orNull(part('usage', 'null where it is not known')),
      failure: orNull(part('failure', 'null if it did not fail')),
    }),
    description: 'One try of a task.',
  },
  transition: {
    ...fields(
      { kind: oneOf(['end', 'next', 'foreach', 'gang', 'switch'], 'how the task ended') },
      {
        to: any('the step, or of `next` the list of steps, that came after it'),
        size: whole('of `foreach` and `gang`: how many tasks'),
        label: text('of `switch`: the case'),
      },
    ),
    description: 'Where a task went.',
  },
  step: {
    ...fields(
      {
        name: text('of the step'),
        takes: oneOf(['nothing', 'item', 'inputs'], "the method's argument"),
        joins: oneOf(['none', 'branches', 'frame'], '`frame`: it closes a foreach'),
        fires: text('when it starts: `anyLive` in flows of classes'),
        levels: any('a list of the foreaches and loops around it, outermost first'),
        transition: any('how it ends, as the text of the method says'),
        policy: any('what its decorators ask for'),
        decorators: list(text('`retry(times=2)`'), 'in source order'),
        sets: list(text('a field'), 'that its text assigns'),
      },
      {
        closes: text('the fork of a join'),
        doc: text('its description'),
        span: any('its place in the source'),
        source: text('sha256 of its text'),
      },
    ),
    description: 'A node of the graph.',
  },
  parameter: {
    ...fields(
      {
        name: text('as the class has it'),
        kind: text('`int`, `choice`, `file`, …'),
        required: truth('it has no default'),
      },
      {
        help: text('its description'),
        defaultText: text('its default, as one would type it'),
        choices: list(text('a value'), 'of `choice`'),
        min: number('the least'),
        max: number('the most'),
        element: text('of `list`: the kind of its elements'),
      },
    ),
    description: 'A parameter of a flow.',
  },
  config: {
    ...fields(
      {
        name: text('of the config'),
        source: any('where its value came from'),
        valueText: text('the value as JSON, cut where it gets long'),
      },
      { help: text('its description') },
    ),
    description: 'A config of a flow.',
  },
  change: {
    ...fields(
      { name: text('what differs') },
      {
        before: any('in the earlier run; absent or null where it has none'),
        after: any('in the later run; absent or null where it has none'),
      },
    ),
    description: 'A difference of two runs.',
  },
};
