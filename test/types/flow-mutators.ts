import { z } from 'zod';
import { FlowSpec, flowMutator, param, retry, step } from '../../src/index.ts';

const bare = flowMutator({
  name: 'bare',
  mutate({ flow }) {
    flow.step('start').add(retry(2), { place: 'inside' });
    const had: boolean = flow.step('start').remove('retry');
    if (!had && flow.step('start').has('traced')) flow.addParameter('extra', param.int());
    // @ts-expect-error there are two places
    flow.step('start').add(retry(2), { place: 'front' });
    // @ts-expect-error a decorator has its options
    flow.step('start').add(retry);
    // @ts-expect-error the steps are what they are
    flow.steps = [];
  },
});

const sized = flowMutator<{ size: number }>({
  name: 'sized',
  mutate: ({ flow, options }) => {
    flow.addParameter(flow.name, param.int({ default: options.size }));
    // @ts-expect-error there is no such option
    flow.step('start').has(options.sise);
  },
});

const optional = flowMutator<{ size: number } | undefined>({
  name: 'optional',
  mutate: ({ options }) => void options?.size,
});

const counted = flowMutator({
  name: 'counted',
  options: z.object({ times: z.number().default(3) }),
  mutate({ options }) {
    const times: number = options.times;
    if (times > 3) throw new RangeError('too often');
  },
});

// @ts-expect-error it has a name
flowMutator({ mutate() {} });
// @ts-expect-error it does something
flowMutator({ name: 'idle' });

@bare
@bare()
@sized({ size: 1 })
@optional
@optional()
@optional({ size: 1 })
@counted({})
export class Mutated extends FlowSpec {
  static mutators = [bare, bare(), sized({ size: 1 }), optional];
  declare readonly extra: number;
  rows: number[] = [];

  @step start() {
    this.next(this.work, { foreach: this.rows });
  }
  @step work(_row: number) {}
}

@bare
export abstract class Abstract extends Mutated {}

// @ts-expect-error its options are not optional
@sized
export class One extends FlowSpec {}

// @ts-expect-error its options are not optional
@sized()
export class Two extends FlowSpec {}

// @ts-expect-error another type
@counted({ times: '1' })
export class Three extends FlowSpec {}

// @ts-expect-error this is no flow
@bare
export class Four extends Map {}

export class Five extends FlowSpec {
  // @ts-expect-error a step is no flow
  @bare
  @step
  start() {}
}
