import type { Json } from '../base/json.ts';
import type { GivenOptions } from './given-options.ts';
import type { Colors, Host } from './host.ts';
import type { ArgumentSpec, OptionSpec } from './option-spec.ts';

/** A command as data: its line, and where its code is. The code is imported only when it is called. */
export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  readonly arguments: readonly ArgumentSpec[];
  readonly options: readonly OptionSpec[];
  /** Examples and notes below the options. */
  readonly notes?: string;
  /** What to say about an option that is like none of these. */
  readonly unknownOptionHint?: string;
  readonly load: () => Promise<CommandHandler>;
}

export type CommandHandler = (input: CommandInput) => Promise<CommandResult>;

export interface CommandInput {
  readonly words: readonly string[];
  readonly options: GivenOptions;
  readonly host: Host;
}

/** What a command found out. It prints nothing itself; the program does. */
export type CommandResult =
  | {
      readonly kind: 'data';
      /** What `--json` prints. */
      readonly data: Json;
      /** The same for a person, without a line end. */
      readonly text: (colors: Colors) => string;
      /** Findings are told on stderr, so that stdout holds only what was asked for. */
      readonly isFinding?: boolean;
      readonly exitCode?: number;
    }
  /** Too much to hold; the command minds `--json` itself. */
  | { readonly kind: 'stream'; readonly chunks: AsyncIterable<string | Uint8Array> }
  /** Everything was shown while it happened. */
  | { readonly kind: 'done'; readonly exitCode: number };
