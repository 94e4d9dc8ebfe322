import { describe, expect, it } from 'vitest';
import { RunProgress } from '../../../src/observe/run-progress.ts';
import { EventScript, foreachOf, GRAPH, streamed, task } from './events.ts';

describe('the progress of a run', () => {
  it('counts the items of a foreach once, as they come and again at its end', () => {
    const progress = new RunProgress();
    const script = new EventScript();
    progress.readGraph(GRAPH);
    progress.readEvent(script.started());
    progress.readEvent(script.at(1, { type: 'task.launched', ...task('start') }));
    for (const draft of streamed([1, 3])) progress.readEvent(script.at(2, draft));
    expect(progress.steps.get('work')?.expected).toBe(4);
    expect(progress.running.values().map(({ path }) => path)).toEqual(['start/0']);
    const end = { ...task('start'), changes: {}, transition: foreachOf(4) };
    progress.readEvent(script.at(3, { type: 'task.succeeded', ...end }));
    expect(progress.steps.get('work')?.expected).toBe(4);
    expect(progress.running.values().length).toBe(0);
  });
});
