import { type Duration, parseDurationMs } from '../../base/duration.ts';
import { didYouMean } from '../../base/suggest.ts';
import type { DefinitionProblem } from '../../model/definition.ts';
import type { DecoratorName } from '../step-mark.ts';

/** Gathers what is wrong with the options of one decorator, so that all of it is told at once. */
export class OptionProblems {
  readonly #decorator: DecoratorName;
  readonly #found: DefinitionProblem[] = [];

  constructor(decorator: DecoratorName) {
    this.#decorator = decorator;
  }

  get found(): readonly DefinitionProblem[] {
    return this.#found;
  }

  check(isGood: boolean, problem: { readonly message: string; readonly hint?: string }): void {
    if (isGood) return;
    this.#found.push({
      code: 'bad-decorator',
      message: `@${this.#decorator}: ${problem.message}`,
      ...(problem.hint === undefined ? {} : { hint: problem.hint }),
    });
  }

  /** The options, or none beside the problem: plain JavaScript passes anything. */
  requireObject<T extends object>(options: T): Partial<T> {
    const isObject = typeof options === 'object' && options !== null && !Array.isArray(options);
    this.check(isObject, {
      message: `${JSON.stringify(options) ?? 'undefined'} is not an object of options`,
    });
    return isObject ? options : {};
  }

  checkNames(options: object, known: readonly string[]): void {
    for (const name of Object.keys(options)) {
      this.check(known.includes(name), {
        message: `there is no option "${name}"`,
        hint: didYouMean(name, known) ?? `the options are ${known.join(', ')}`,
      });
    }
  }

  /** 0 for what is no duration, beside the problem. */
  readDurationMs(option: string, duration: Duration): number {
    const isDuration = typeof duration === 'number' || typeof duration === 'string';
    const ms = isDuration ? parseDurationMs(duration) : undefined;
    this.check(ms !== undefined, {
      message: `${option} is ${JSON.stringify(duration) ?? 'undefined'}, which is no length of time`,
      hint: "write milliseconds, or text such as '30s', '5m', '1h30m'",
    });
    return ms ?? 0;
  }
}
