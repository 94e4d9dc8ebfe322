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

  /** A moment: so long ago, or a date. */
  since(name: string): Date | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const ms = parseDurationMs(text);
    const moment = ms === undefined ? parseDate(text) : new Date(Date.now() - ms);
    if (moment !== undefined) return moment;
    throw invalidOption(name, text, 'give a time such as 2h or 7d, or a date such as 2026-11-20');
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

const DATE = /^\d{4}-\d\d-\d\d(?<time>T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?<zone>Z|[+-]\d\d:\d\d)?)?$/;

/** In UTC, as times are printed, unless the text names a zone. */
function parseDate(text: string): Date | undefined {
  const groups = DATE.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const isBare = groups['time'] !== undefined && groups['zone'] === undefined;
  const date = new Date(isBare ? `${text}Z` : text);
  const day = text.slice(0, 10);
  const isDay = !Number.isNaN(date.getTime()) && new Date(day).toISOString().startsWith(day);
  return isDay ? date : undefined;
}

function invalidOption(name: string, text: string, hint: string): FlowError {
  return new FlowError(`--${name} cannot be "${text}"`, { code: 'OPTION_INVALID', hint });
}
