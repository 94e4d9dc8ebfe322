import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { onAbort } from '../../../src/base/on-abort.ts';

const listeners = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;

describe('onAbort', () => {
  it('calls everybody back, with one listener for all', () => {
    const abort = new AbortController();
    const called: number[] = [];
    for (let n = 0; n < 20; n += 1) onAbort(abort.signal, () => called.push(n));
    expect(listeners(abort.signal)).toBe(1);
    abort.abort();
    expect(called).toHaveLength(20);
  });

  it('calls nobody who took it back, and leaves no listener behind', () => {
    const abort = new AbortController();
    const called: string[] = [];
    const same = () => called.push('same');
    const first = onAbort(abort.signal, same);
    const second = onAbort(abort.signal, same);
    first();
    expect(listeners(abort.signal)).toBe(1);
    second();
    expect(listeners(abort.signal)).toBe(0);
    onAbort(abort.signal, same);
    first();
    abort.abort();
    expect(called).toEqual(['same']);
  });
});
