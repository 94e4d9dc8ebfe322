import { config, FlowSpec, param, step } from 'millrace';
import { testStep, withConfigs } from 'millrace/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

/** A module that is loaded anew each time. */
async function load() {
  const train = config('train', { default: { rounds: 9 }, schema: z.object({ rounds: z.int() }) });
  class Train extends FlowSpec {
    readonly times = param.int({ default: ({ configs }) => Object.keys(configs).length });
    done = 0;
    @step start() {
      this.done = train.rounds + this.times;
      this.next(this.end);
    }
    @step end() {}
  }
  return { Train };
}

describe('a flow with configs', () => {
  it('is loaded with the values that the test gives', async () => {
    const { Train } = await withConfigs({ train: { rounds: 2 } }, load);
    const { artifacts } = await testStep(Train, 'start');
    expect(artifacts.done).toBe(3);
  });

  it('has its defaults where nothing is given, and outside again', async () => {
    const { Train } = await withConfigs({}, load);
    expect((await testStep(Train, 'start')).artifacts.done).toBe(10);
    expect((await load()).Train.name).toBe('Train');
  });

  it('is refused values that its schema refuses, and names that it lacks', async () => {
    const wrong = withConfigs({ train: { rounds: 'many' } }, load);
    await expect(wrong).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    const unknown = withConfigs({ trian: {} }, load);
    await expect(unknown).rejects.toThrow(/trian/);
  });

  it('finds a file beside the flow', async () => {
    const read = async () => ({ value: config<{ top: number }>('kit', { file: 'kit.yaml' }) });
    const folder = new URL('./fixtures', import.meta.url).pathname;
    expect((await withConfigs({}, read, folder)).value).toEqual({ top: 7 });
  });
});
