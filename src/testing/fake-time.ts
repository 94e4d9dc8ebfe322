import { AsyncLocalStorage } from 'node:async_hooks';
import { createDeferred } from '../base/deferred.ts';
import { type Duration, parseDurationMs } from '../base/duration.ts';
import { FlowError } from '../model/errors.ts';
import type { Time } from '../model/ports/clock.ts';

// Test runners replace the global ones by fakes of their own.
const { setImmediate: soon } = globalThis;

interface Alarm {
  readonly atMs: number;
  readonly callBack: () => void;
}

/** An attempt that may sleep. */
interface Sleeper {
  isOver: boolean;
  /** How to call off what it sleeps for. */
  readonly sleeps: Set<() => void>;
}

/**
 * Time that passes only while nothing is being done, and then at once: the delay of a retry, the timeout
 * of a step that sleeps. Steps take part with {@link FakeTime.sleep}; timers of theirs, and `Date`, are
 * real, unless the test runner fakes them.
 *
 * @example
 * ```ts
 * const time = new FakeTime('2026-03-01T00:00:00Z');
 * await using run = await testFlow(Weather, { time, inject: [kill('average')] });
 * expect(time.elapsedMs).toBe(600_000);
 * ```
 */
export class FakeTime implements Time {
  readonly #startMs: number;
  #nowMs: number;
  /** Work that goes on. */
  #holds = 0;
  readonly #sleepers = new Set<Sleeper>();
  readonly #alarms = new Set<Alarm>();
  readonly #attempts = new AsyncLocalStorage<Sleeper>();
  #isTicking = false;

  /** @param start what time it is at first. Default: now. */
  constructor(start: Date | string | number = Date.now()) {
    this.#startMs = new Date(start).getTime();
    if (Number.isNaN(this.#startMs)) {
      throw new FlowError(`"${String(start)}" is no time.`, {
        code: 'TEST_GIVEN',
        hint: 'give a Date, milliseconds, or text such as 2026-03-01T00:00:00Z',
      });
    }
    this.#nowMs = this.#startMs;
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.#nowMs;
  }

  /** How much has passed since it was made. */
  get elapsedMs(): number {
    return this.#nowMs - this.#startMs;
  }

  /**
   * Resolves once so much time has passed. For the step that is tested, in place of what it waits for.
   *
   * @throws FlowError `DURATION_INVALID`; the signal's reason when it fires first.
   */
  async sleep(
    duration: Duration,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    const delayMs = parseDurationMs(duration);
    if (delayMs === undefined) throw noDuration(duration);
    signal?.throwIfAborted();
    const slept = createDeferred<void>();
    const callOff = this.after(delayMs, () => slept.resolve());
    const wake = this.#fallAsleep(callOff);
    const abort = (): void => slept.reject(signal?.reason);
    signal?.addEventListener('abort', abort);
    try {
      await slept.promise;
    } finally {
      signal?.removeEventListener('abort', abort);
      callOff();
      wake();
    }
  }

  /** Calls back once so much has passed; returns how to call it off. */
  after(delayMs: number, callBack: () => void): () => void {
    const alarm = { atMs: this.#nowMs + delayMs, callBack };
    this.#alarms.add(alarm);
    this.#lookSoon();
    return () => {
      this.#alarms.delete(alarm);
    };
  }

  /** Time stands still until what is returned is called. */
  hold(): () => void {
    this.#holds += 1;
    return () => {
      this.#holds -= 1;
      this.#lookSoon();
    };
  }

  /**
   * @internal While an attempt sleeps, it keeps no time from passing. What sleeps on after its end, or
   * after it was abandoned, never wakes.
   */
  async during<T>(attempt: () => Promise<T>, abandoned: Promise<undefined>): Promise<T> {
    const sleeper: Sleeper = { isOver: false, sleeps: new Set() };
    const end = (): void => {
      sleeper.isOver = true;
      this.#sleepers.delete(sleeper);
      for (const callOff of sleeper.sleeps) callOff();
    };
    void abandoned.then(end);
    return await this.#attempts.run(sleeper, attempt).finally(end);
  }

  #fallAsleep(callOff: () => void): () => void {
    const sleeper = this.#attempts.getStore();
    if (sleeper === undefined) return () => {};
    if (sleeper.isOver) callOff();
    else this.#sleepers.add(sleeper);
    sleeper.sleeps.add(callOff);
    return () => {
      sleeper.sleeps.delete(callOff);
      if (sleeper.sleeps.size === 0) this.#sleepers.delete(sleeper);
    };
  }

  /** What is under way in this turn may still hold the time, or wait for it. */
  #lookSoon(): void {
    if (this.#isTicking) return;
    this.#isTicking = true;
    soon(() => {
      this.#isTicking = false;
      this.#look();
    });
  }

  #look(): void {
    if (this.#holds > this.#sleepers.size) return;
    let next: Alarm | undefined;
    for (const alarm of this.#alarms) {
      if (next === undefined || alarm.atMs < next.atMs) next = alarm;
    }
    if (next === undefined) return;
    this.#alarms.delete(next);
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    next.callBack();
    this.#lookSoon();
  }
}

function noDuration(duration: Duration): FlowError {
  return new FlowError(`"${duration}" is no duration.`, {
    code: 'DURATION_INVALID',
    hint: "give milliseconds, or text such as '30s' or '1h30m'",
  });
}
