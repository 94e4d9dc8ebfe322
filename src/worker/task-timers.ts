import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';

const STARTERS = ['setTimeout', 'setInterval', 'setImmediate'] as const;
const ENDERS = ['clearTimeout', 'clearInterval', 'clearImmediate'] as const;

/** Timers that a task starts, so that none of them fires in the next one. */
export class TaskTimers {
  readonly #open = new Set<unknown>();
  readonly #end: ((timer: unknown) => void)[] = [];

  constructor() {
    for (const name of STARTERS) this.#replace(name, (start) => this.#starter(name, start));
    for (const name of ENDERS) this.#replace(name, (end) => this.#ender(end));
    syncBuiltinESMExports();
  }

  clear(): void {
    for (const timer of this.#open) for (const end of this.#end) end(timer);
    this.#open.clear();
  }

  #starter(name: (typeof STARTERS)[number], start: AnyFunction): AnyFunction {
    const open = this.#open;
    return (callback, ...rest) => {
      // Node has its own words for what is no function.
      if (typeof callback !== 'function') return start(callback, ...rest);
      const fire = function (this: unknown, ...values: unknown[]): unknown {
        if (name !== 'setInterval') open.delete(timer);
        return Reflect.apply(callback, this, values);
      };
      const timer = start(fire, ...rest);
      open.add(timer);
      return timer;
    };
  }

  #ender(end: AnyFunction): AnyFunction {
    this.#end.push(end);
    return (timer) => {
      this.#open.delete(timer);
      return end(timer);
    };
  }

  /** In the module and as a global, with what hangs on it (`util.promisify` looks there). */
  #replace(name: string, make: (original: AnyFunction) => AnyFunction): void {
    const original: unknown = Reflect.get(timers, name);
    if (!isFunction(original)) return;
    const replacement = make(original);
    Object.defineProperties(replacement, Object.getOwnPropertyDescriptors(original));
    if (Reflect.get(globalThis, name) === original) Reflect.set(globalThis, name, replacement);
    Reflect.set(timers, name, replacement);
  }
}

type AnyFunction = (...values: unknown[]) => unknown;

function isFunction(value: unknown): value is AnyFunction {
  return typeof value === 'function';
}
