import { z } from 'zod';
import { FlowSpec, type StepTable, step, stepDecorator } from '../../src/index.ts';

const bare = stepDecorator({ name: 'bare', before: ({ step: name }) => void name.toUpperCase() });

const labelled = stepDecorator<{ label: string }>({
  name: 'labelled',
  around: async ({ options, flow }, run) => {
    flow['seen'] = options.label.length;
    // @ts-expect-error there is no such option
    flow['seen'] = options.lable;
    // @ts-expect-error a field may hold anything
    flow['seen'] += 1;
    await run();
  },
});

const optional = stepDecorator<{ label: string } | undefined>({
  name: 'optional',
  after: ({ options }) => void options?.label,
});

const counted = stepDecorator({
  name: 'counted',
  options: z.object({ times: z.number().default(3), label: z.coerce.string() }),
  onError(task, error) {
    const times: number = task.options.times;
    // @ts-expect-error who knows what was thrown
    const message: string = error.message;
    task.skip(times > 1 ? { take: message } : { items: [] });
    // @ts-expect-error a case is named by its text
    task.skip({ take: 1 });
  },
});

// @ts-expect-error a hook is a function
stepDecorator({ name: 'wrong', before: 'now' });
// @ts-expect-error it has a name
stepDecorator({ before() {} });

export class Decorated extends FlowSpec {
  static steps = {
    listed: { decorators: [bare, labelled({ label: 'x' }), optional()] },
    // @ts-expect-error what needs options is not listed without them
    wrong: { decorators: [labelled] },
  } satisfies StepTable;

  @bare
  @bare()
  @labelled({ label: 'x' })
  @optional
  @optional({ label: 'x' })
  @counted({ label: 'x' })
  @counted({ times: 1, label: 5 })
  @step
  start() {}

  // @ts-expect-error its options are not optional
  @labelled
  @step
  one() {}

  // @ts-expect-error its options are not optional
  @labelled()
  @step
  two() {}

  // @ts-expect-error another type
  @counted({ times: '1', label: '' })
  @step
  three() {}

  listed() {}
  wrong() {}
}
