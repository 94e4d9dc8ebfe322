import { parseBytes } from '../base/byte-size.ts';
import { parseDurationMs } from '../base/duration.ts';
import { didYouMean } from '../base/suggest.ts';
import { FlowError } from '../model/errors.ts';

/** The options of one command line, read by type. A bad value is a FlowError that names the option. */
export class GivenOptions {
  readonly #texts: ReadonlyMap<string, readonly string[]>;

  constructor(texts: ReadonlyMap<string, readonly string[]>) {
    this.#texts = texts;
  }

  flag(name: string): boolean {
    return this.#texts.has(name);
  }

  /** A switch that also exists as `--no-…`. */
  isOn(name: string): boolean | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : text === 'true';
  }

  texts(name: string): readonly string[] {
    return this.#texts.get(name) ?? [];
  }

  text(name: string): string | undefined {
    return this.texts(name)[0];
  }

  /** A whole number from 1. */
  count(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const count = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(count) || count < 1) {
      throw invalidOption(name, text, 'give a whole number from 1');
    }
    return count;
  }

  durationMs(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const ms = parseDurationMs(text);
    if (ms === undefined) throw invalidOption(name, text, 'give a time such as 500ms, 5s or 2m');
    return ms;
  }

  bytes(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const bytes = parseBytes(/^\d+$/.test(text) ? Number(text) : text);
    if (bytes === undefined) throw invalidOption(name, text, 'give a size such as 512MB or 2GiB');
    return bytes;
  }

  choice<const T extends string>(name: string, choices: readonly T[]): T | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const choice = choices.find((known) => known === text);
    if (choice !== undefined) return choice;
    throw invalidOption(
      name,
      text,
      didYouMean(text, choices) ?? `give one of ${choices.join(', ')}`,
    );
  }
}

function invalidOption(name: string, text: string, hint: string): FlowError {
  return new FlowError(`--${name} cannot be "${text}"`, { code: 'OPTION_INVALID', hint });
}
